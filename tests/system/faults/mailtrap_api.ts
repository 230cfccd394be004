import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { MailtrapClient } from "../../../tasks/standins/mailtrap/testing/mailtrap_client.ts";
import { type Bench, delays, type FaultChecks } from "../../fixture/faults.ts";
import { inboxSize, send } from "./smtp.ts";

function get(bench: Bench): Promise<Response> {
  return new MailtrapClient(bench).request();
}

function getMail(bench: Bench): Promise<Response> {
  const client = new MailtrapClient(bench);
  return client.request(`${client.messages}/1/body.eml`);
}

export const MAILTRAP_API_CHECKS: FaultChecks<"mailtrap-api"> = {
  async "mailtrap-api.reply"(bench) {
    for (const value of ["401", "403", "404", "429", "500", "503"]) {
      await bench.set("mailtrap-api.reply", { value });
      const response = await get(bench);
      const { "error": error, errors }: Readonly<Record<string, unknown>> = await response.json();
      equal(response.status, Number(value));
      equal(typeof (error ?? errors), "string");
      equal(response.headers.get("retry-after"), value === "429" ? "3" : null);
    }
    await bench.clear("mailtrap-api.reply");
    deepEqual(await (await get(bench)).json(), []);
  },
  "mailtrap-api.delay": delays(
    "mailtrap-api.delay",
    async (bench) => await (await get(bench)).body?.cancel(),
  ),
  async "mailtrap-api.body"(bench) {
    await bench.set("mailtrap-api.body", { value: "garbled" });
    const garbled = await get(bench);
    equal(garbled.status, 200);
    await rejects(garbled.json(), SyntaxError);
    await bench.set("mailtrap-api.body", { value: "html" });
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
      await bench.set("mailtrap-api.no-mail", { value });
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
      await bench.set("mailtrap-api.half-mail", { value });
      const response = await getMail(bench);
      equal(response.status, status);
      equal(response.headers.get("content-length"), String(half.length));
      equal(await response.text(), half);
    }
    await bench.set("mailtrap-api.half-mail", { value: "cut" });
    const cut = await getMail(bench);
    equal(cut.headers.get("content-length"), String(whole.length));
    await rejects(cut.text(), TypeError);
  },
  async "mailtrap-api.inbox-full"(bench) {
    await bench.set("mailtrap-api.inbox-full", { value: "2" });
    const listed: string[] = [];
    for (let count = 0; count < 3; count++) {
      equal(await send(bench), 250);
      const messages = await new MailtrapClient(bench).list();
      listed.push(messages.map(({ id }) => id).join(","));
    }
    deepEqual(listed, ["1", "2,1", "3,2"]);
    equal(await inboxSize(bench), 2);
    equal(await bench.hitCount("mailtrap-api.inbox-full"), 1);
  },
};
