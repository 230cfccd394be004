import { deepEqual, equal } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { SMTPServerDataStream } from "smtp-server";
import { assertFailed, MAIL, sendTo, transportTo, WITHOUT_TLS } from "./testing/smtp_client.ts";
import { startSilentServer } from "./testing/loopback_server.ts";
import { startTestSmtpServer, type TestSmtpServer } from "./testing/smtp_server.ts";

for (const tls of ["starttls", "implicit"] as const) {
  integrationTest(`send() is unusable when the certificate is not trusted (${tls})`, async () => {
    await using server = await startTestSmtpServer({ overrides: { secure: tls === "implicit" } });
    using transport = transportTo(server.port, { SMTP_TLS: tls });
    assertFailed(await transport.send(MAIL), "unusable", /certificate/);
    deepEqual(server.mails, []);
  });
}

integrationTest("send() is unusable when the certificate is for another name", async () => {
  await using server = await startTestSmtpServer({ certificateAddress: "127.0.0.2" });
  assertFailed(await sendTo(server), "unusable", /certificate|altnames|NotValidForName/i);
  deepEqual(server.mails, []);
});

for (
  const [when, onData] of [
    ["before", (stream, hangUp) => stream.once("data", hangUp)],
    ["after", (stream, hangUp) => stream.resume().once("end", hangUp)],
  ] as readonly [string, (stream: SMTPServerDataStream, hangUp: () => void) => void][]
) {
  integrationTest(
    `send() is deferred, and sends nothing twice, when the server hangs up ${when} the final dot`,
    async () => {
      let transactionCount = 0;
      await using server: TestSmtpServer = await startTestSmtpServer({
        overrides: {
          onData: (stream) => {
            transactionCount++;
            onData(stream, () => server.hangUp());
          },
        },
      });
      assertFailed(await sendTo(server), "deferred", /closed|reset|hung up/i);
      equal(transactionCount, 1);
    },
  );
}

integrationTest(
  "send() is deferred when the server falls silent in the middle of a mail",
  async () => {
    await using server = await startTestSmtpServer({
      overrides: { onData: (stream) => stream.resume() },
    });
    assertFailed(
      await sendTo(server, {}, { silenceTimeoutMs: 300 }),
      "deferred",
      /Timeout/,
    );
  },
);

integrationTest(
  "send() is deferred when a mail takes too long in all, and leaves no connection",
  async () => {
    await using server = await startTestSmtpServer({
      overrides: { ...WITHOUT_TLS, onData: (stream) => stream.resume() },
    });
    assertFailed(
      await sendTo(server, { SMTP_TLS: "none" }, { sendTimeoutMs: 500 }),
      "deferred",
      /^the mail server did not take the mail within 500 ms$/,
    );
    await waitFor("the connection is closed", () => server.openConnectionCount === 0);
  },
);

integrationTest("send() is deferred when nobody listens", async () => {
  await using silent = await startSilentServer();
  const { port } = silent;
  await silent[Symbol.asyncDispose]();
  using transport = transportTo(port);
  assertFailed(await transport.send(MAIL), "deferred", /ECONNREFUSED/);
});

integrationTest("send() is deferred when the server does not greet", async () => {
  await using silent = await startSilentServer();
  using transport = transportTo(silent.port, {}, { greetingTimeoutMs: 300 });
  assertFailed(await transport.send(MAIL), "deferred", /Greeting never received/);
});
