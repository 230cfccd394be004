import { deepEqual, equal } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import type { Mail } from "./mail.ts";
import type { SendOutcome } from "./send_outcome.ts";
import { tracedTransport } from "./traced_transport.ts";

const MAIL: Mail = {
  envelope: { from: "secret@example.com", to: ["hidden@example.org"] },
  raw: new TextEncoder().encode("Subject: classified\r\n\r\nconfidential\r\n"),
};

/** Sends one mail, as one of two hops in a trace; returns the span as the collector gets it. */
async function send(outcome: SendOutcome | Error) {
  await using test = startTestTracing({ serviceName: "emailer" });
  const transport = tracedTransport({
    send: (mail) => {
      equal(mail, MAIL);
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
  }, { tracing: test.tracing, host: "smtp.example", port: 2525, tls: true });
  const result = await transport.send(MAIL).catch((error: Error) => error);
  equal(result, outcome);
  return test.exporter.getZipkinSpan("send-email");
}

Deno.test("tracedTransport() shows a mail that was accepted", async () => {
  const { tags, kind, remoteEndpoint } = await send({ status: "accepted", replyCode: 250 });
  equal(kind, "CLIENT");
  deepEqual(remoteEndpoint, { serviceName: "mailtrap", port: 2525 });
  deepEqual(tags, {
    "peer.service": "mailtrap",
    "peer.hostname": "smtp.example",
    "server.address": "smtp.example",
    "server.port": "2525",
    "network.protocol.name": "smtp",
    "smtp.server": "smtp.example",
    "smtp.port": "2525",
    "smtp.tls": "true",
    "smtp.payload_size": String(MAIL.raw.length),
    "smtp.reply_code": "250",
  });
});

for (
  const [outcome, replyCode] of [
    [{ status: "rejected", reason: "550 unknown", replyCode: 550 }, "550"],
    [{ status: "deferred", reason: "connect ECONNREFUSED" }, undefined],
  ] as const
) {
  Deno.test(`tracedTransport() shows a mail that is ${outcome.status} as an error with the reply code ${replyCode}`, async () => {
    const { tags } = await send(outcome);
    equal(tags?.["error"], outcome.reason);
    equal(tags?.["smtp.reply_code"], replyCode);
  });
}

Deno.test("tracedTransport() shows an exception and lets it through", async () => {
  const { tags } = await send(new TypeError("a bug"));
  equal(tags?.["error"], "a bug");
});

Deno.test("tracedTransport() writes nothing into the span that names somebody", async () => {
  const text = JSON.stringify(await send({ status: "accepted", replyCode: 250 }));
  for (const secret of ["secret", "hidden", "classified", "confidential"]) {
    equal(text.includes(secret), false, secret);
  }
});
