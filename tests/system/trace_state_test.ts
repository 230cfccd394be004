/**
 * A caller's `tracestate` on its way through RabbitMQ and the mail into the archive.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { startTestSystem } from "../fixture/test_system.ts";

const TRACE_STATE = `congo=T61rcWkgMzE,rojo=00f067aa0ba902b7,long=${"x".repeat(250)}`;

integrationTest("a tracestate travels as far as the mail, where the caller sent one", async () => {
  await using test = await startTestSystem({ settings: { POLL_INTERVAL_SECONDS: "1" } });
  const send = async (headers: Readonly<Record<string, string>>) => {
    const posted = await test.client.postEmail({
      sender: { address: "me@example.com" },
      recipient: { address: "you@example.com" },
      subject: "Subject",
      body: "Body",
    }, headers);
    if (posted.status !== "accepted") throw new Error(`The email is ${posted.status}`);
    const { id: emailId } = posted.email;
    await waitFor(
      "the email is archived",
      async () => (await test.archived({ emailId })).length === 1,
      30_000,
    );
    const [mail] = await test.archived({ emailId });
    const text = new TextDecoder().decode(mail?.raw?.buffer);
    return text.replace(/\r\n[ \t]/g, " ").match(/^tracestate: (.*)$/m)?.[1];
  };
  const traceparent = "00-463ac35c9f6413ad48485a3978bb5ecc-a2fb4a1d1a96d312-01";
  equal(await send({ traceparent, tracestate: TRACE_STATE }), TRACE_STATE.replaceAll(",", ", "));
  equal(await send({ traceparent }), undefined);
});
