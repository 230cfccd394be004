import { deepEqual, equal, ok } from "node:assert/strict";
import type { FaultName } from "@playground/tasks/faults";
import { createTransport } from "nodemailer";
import { type Bench, delays, type FaultCheck, type FaultChecks } from "../../fixture/faults.ts";

/** What came of a mail: the reply code, or that the connection ended. */
type Outcome = number | "connection lost";

async function send({ variables }: Bench): Promise<Outcome> {
  const transport = createTransport({
    host: variables.SMTP_HOST ?? "",
    port: Number(variables.SMTP_PORT),
    requireTLS: true,
    tls: { ca: variables.SMTP_CA ?? "" },
    auth: { user: variables.MAILTRAP_USER ?? "", pass: variables.MAILTRAP_PASSWORD ?? "" },
    // By itself nodemailer waits in the background until the server has closed its side as well.
    socketCloseTimeout: 0,
  });
  try {
    const { response } = await transport.sendMail({
      from: "me@example.com",
      to: "you@example.com",
      subject: "Subject",
      text: "Body",
    });
    return Number.parseInt(response, 10);
  } catch (error) {
    const { responseCode }: { readonly responseCode?: unknown } = Object(error);
    return typeof responseCode === "number" ? responseCode : "connection lost";
  } finally {
    transport.close();
  }
}

async function inboxSize({ variables }: Bench): Promise<number> {
  const path = `/api/sandboxes/${variables.MAILTRAP_BOXID}/messages`;
  const response = await fetch(new URL(path, variables.MAILTRAP_URL), {
    headers: { "Api-Token": variables.MAILTRAP_TOKEN ?? "" },
  });
  const messages: readonly unknown[] = await response.json();
  return messages.length;
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
  "smtp.delay": delays("smtp.delay", async (bench) => equal(await send(bench), 250)),
};

export { inboxSize, send };
