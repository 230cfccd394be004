import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { FaultName } from "@playground/tasks/faults";
import { MailtrapClient } from "../../../tasks/standins/mailtrap/testing/mailtrap_client.ts";
import { type Bench, delays, type FaultCheck, type FaultChecks } from "../../fixture/faults.ts";

/** The outcome of a mail: the reply code, or the end of the connection. */
type Outcome = number | "connection lost";

async function send(
  bench: Bench,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  try {
    const { response } = await new MailtrapClient(bench).send({ text: "Body", headers });
    return Number.parseInt(response, 10);
  } catch (error) {
    const { responseCode }: { readonly responseCode?: unknown } = Object(error);
    return typeof responseCode === "number" ? responseCode : "connection lost";
  }
}

async function inboxSize(bench: Bench): Promise<number> {
  return (await new MailtrapClient(bench).list()).length;
}

/** The fault makes the server answer so and keep nothing; without it the mail is taken. */
function answers(name: FaultName, expected: Readonly<Record<string, Outcome>>): FaultCheck {
  return async (bench) => {
    for (const [value, outcome] of Object.entries(expected)) {
      await bench.set(name, value === "" ? {} : { value });
      equal(await send(bench), outcome, value);
      ok(await bench.hitCount(name) > 0);
    }
    equal(await inboxSize(bench), 0);
    await bench.clear(name);
    equal(await send(bench), 250);
  };
}

export const SMTP_CHECKS: FaultChecks<"smtp"> = {
  "smtp.connect-reply": answers("smtp.connect-reply", { 421: 421, 554: 554 }),
  "smtp.auth-reply": answers("smtp.auth-reply", { 421: 421, 454: 454, 535: 535 }),
  "smtp.wrong-password": answers("smtp.wrong-password", { "": 535 }),
  "smtp.monthly-limit": answers("smtp.monthly-limit", { "": 535 }),
  "smtp.recipient-reply": answers("smtp.recipient-reply", { 450: 450, 550: 550 }),
  "smtp.reply": answers("smtp.reply", { "": 451, 421: 421, 452: 452, 554: 554 }),
  "smtp.drop-during-data": answers("smtp.drop-during-data", { "": "connection lost" }),
  async "smtp.drop-after-data"(bench) {
    await bench.set("smtp.drop-after-data");
    equal(await send(bench), "connection lost");
    equal(await inboxSize(bench), 1);
  },
  async "smtp.rate-limit"(bench) {
    await bench.set("smtp.rate-limit", { value: "2" });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => send(bench)));
    const isRefused = (outcome: Outcome) => outcome === 550;
    // On a slow machine a second may pass in between.
    deepEqual(outcomes.filter((outcome) => !isRefused(outcome) && outcome !== 250), []);
    ok(outcomes.some(isRefused), String(outcomes));
    equal(await inboxSize(bench), 4 - outcomes.filter(isRefused).length);
  },
  async "smtp.trace-headers"(bench) {
    const client = new MailtrapClient(bench);
    const traceId = "463ac35c9f6413ad48485a3978bb5ecc";
    const received = async (value: string) => {
      await bench.set("smtp.trace-headers", { value });
      equal(await send(bench, { "X-B3-TraceId": traceId, "X-Tag": "kept" }), 250);
      const [newest] = await client.list();
      const mail = new TextDecoder().decode(await client.raw(newest ?? { id: 0 }));
      match(mail, /^X-Tag: kept\r\n[^]*\r\n\r\nBody\r\n$/mi);
      return /^X-B3-TraceId: (.*)\r$/im.exec(mail)?.[1];
    };
    equal(await received("strip"), undefined);
    equal(await received("malformed"), `${traceId.slice(0, 8)}-${traceId.slice(8)}`);
    const foreign = await received("foreign");
    match(foreign ?? "", /^[0-9a-f]{32}$/);
    notEqual(foreign, traceId);
  },
  "smtp.delay": delays("smtp.delay", async (bench) => equal(await send(bench), 250)),
};

export { inboxSize, send };
