import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { waitFor } from "@playground/shared/testing";
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

/** Asks for the list of mails, or for something below it. */
function get(bench: Bench, path = ""): Promise<Response> {
  const client = new MailtrapClient(bench);
  return client.request(client.messages + path);
}

const getMail = (bench: Bench) => get(bench, "/1/body.eml");

const inboxSize = async (bench: Bench) => (await new MailtrapClient(bench).list()).length;

/** The fault makes the server answer so and keep nothing; without it the mail is taken. */
function answers(expected: Readonly<Record<string, Outcome>>): FaultCheck {
  return async (bench) => {
    for (const [value, outcome] of Object.entries(expected)) {
      await bench.set(value === "" ? {} : { value });
      equal(await send(bench), outcome, value);
      ok(await bench.hitCount() > 0);
    }
    equal(await inboxSize(bench), 0);
    await bench.clear();
    equal(await send(bench), 250);
  };
}

export const MAILTRAP_CHECKS: FaultChecks<"smtp" | "mailtrap-api"> = {
  "smtp.connect-reply": answers({ 421: 421, 554: 554 }),
  "smtp.auth-reply": answers({ 421: 421, 454: 454, 535: 535 }),
  "smtp.wrong-password": answers({ "": 535 }),
  "smtp.monthly-limit": answers({ "": 535 }),
  "smtp.recipient-reply": answers({ 450: 450, 550: 550 }),
  "smtp.reply": answers({ "": 451, 421: 421, 452: 452, 554: 554 }),
  "smtp.drop-during-data": answers({ "": "connection lost" }),
  async "smtp.drop-after-data"(bench) {
    await bench.set();
    equal(await send(bench), "connection lost");
    equal(await inboxSize(bench), 1);
  },
  async "smtp.rate-limit"(bench) {
    await bench.set({ value: "2" });
    const outcomes: Outcome[] = [];
    const isRefused = (outcome: Outcome) => outcome === 550;
    // On a slow machine a second may pass in between.
    await waitFor("a mail is refused", async () => {
      outcomes.push(...await Promise.all(Array.from({ length: 4 }, () => send(bench))));
      return outcomes.some(isRefused);
    });
    deepEqual(outcomes.filter((outcome) => !isRefused(outcome) && outcome !== 250), []);
    equal(await inboxSize(bench), outcomes.filter((outcome) => outcome === 250).length);
  },
  async "smtp.trace-headers"(bench) {
    const traceId = "463ac35c9f6413ad48485a3978bb5ecc";
    const received = async (value: string) => {
      await bench.set({ value });
      equal(await send(bench, { "X-B3-TraceId": traceId, "X-Tag": "kept" }), 250);
      const [newest] = await new MailtrapClient(bench).list();
      const mail = await (await get(bench, `/${newest?.id}/body.eml`)).text();
      match(mail, /^X-Tag: kept\r\n[^]*\r\n\r\nBody\r\n$/mi);
      return /^X-B3-TraceId: (.*)\r$/im.exec(mail)?.[1];
    };
    equal(await received("strip"), undefined);
    equal(await received("malformed"), `${traceId.slice(0, 8)}-${traceId.slice(8)}`);
    const foreign = await received("foreign");
    match(foreign ?? "", /^[0-9a-f]{32}$/);
    notEqual(foreign, traceId);
  },
  "smtp.delay": delays(async (bench) => equal(await send(bench), 250)),

  async "mailtrap-api.reply"(bench) {
    for (const value of ["401", "403", "404", "429", "500", "503"]) {
      await bench.set({ value });
      const response = await get(bench);
      const { "error": error, errors }: Readonly<Record<string, unknown>> = await response.json();
      equal(response.status, Number(value));
      equal(typeof (error ?? errors), "string");
      equal(response.headers.get("retry-after"), value === "429" ? "3" : null);
    }
    await bench.clear();
    equal(await inboxSize(bench), 0);
  },
  "mailtrap-api.delay": delays(inboxSize),
  async "mailtrap-api.body"(bench) {
    await bench.set({ value: "garbled" });
    const garbled = await get(bench);
    equal(garbled.status, 200);
    await rejects(garbled.json(), SyntaxError);
    await bench.set({ value: "html" });
    const html = await get(bench);
    equal(html.headers.get("content-type"), "text/html");
    ok((await html.text()).startsWith("<!DOCTYPE html>"));
  },
  async "mailtrap-api.no-mail"(bench) {
    equal(await send(bench), 250);
    for (
      const [value, status, type, body] of [
        ["text", 200, "text/plain", /^Service temporarily unavailable$/],
        ["header", 200, "text/plain", /^Error: /],
        ["html", 200, null, /^<!DOCTYPE html>/],
        ["problem", 200, "application/problem+json", /^\{"status":503\}$/],
        ["empty", 200, "message/rfc822", /^$/],
        ["204", 204, null, /^$/],
      ] as const
    ) {
      await bench.set({ value });
      const response = await getMail(bench);
      deepEqual([response.status, response.headers.get("content-type")], [status, type]);
      match(await response.text(), body);
    }
    equal(await inboxSize(bench), 1);
  },
  async "mailtrap-api.half-mail"(bench) {
    equal(await send(bench), 250);
    const whole = await (await getMail(bench)).text();
    const half = whole.slice(0, Math.floor(whole.length / 2));
    for (const [value, status] of [["206", 206], ["short", 200]] as const) {
      await bench.set({ value });
      const response = await getMail(bench);
      equal(response.status, status);
      equal(response.headers.get("content-length"), String(half.length));
      equal(await response.text(), half);
    }
    await bench.set({ value: "cut" });
    const cut = await getMail(bench);
    equal(cut.headers.get("content-length"), String(whole.length));
    await rejects(cut.text(), TypeError);
  },
  async "mailtrap-api.inbox-full"(bench) {
    await bench.set({ value: "2" });
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      equal(await send(bench), 250);
      ids.push((await new MailtrapClient(bench).list()).map(({ id }) => id).join(","));
    }
    deepEqual(ids, ["1", "2,1", "3,2"]);
    equal(await bench.hitCount(), 1);
  },
};
