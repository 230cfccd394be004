import { deepEqual, equal, ok } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { SMTPServerOptions } from "smtp-server";
import type { Mail } from "./mail.ts";
import { assertFailed, benchWith, MAIL } from "./testing/smtp_bench.ts";
import { startTestSmtpServer, type TestSmtpServerOptions } from "./testing/smtp_server.ts";

interface BenchOptions extends TestSmtpServerOptions {
  readonly environment?: Environment;
}

/** A mail server, and a transport to it that trusts its authority. */
async function startBench({ environment = {}, ...options }: BenchOptions = {}) {
  const server = await startTestSmtpServer(options);
  return benchWith(server, { SMTP_CA: server.caPem, ...environment });
}

const WITHOUT_TLS: SMTPServerOptions = {
  hideSTARTTLS: true,
  disabledCommands: ["STARTTLS"],
  allowInsecureAuth: true,
};

for (
  const [tls, overrides] of [
    ["starttls", {}],
    ["implicit", { secure: true }],
    ["none", WITHOUT_TLS],
  ] as const
) {
  integrationTest(`send() delivers a mail byte by byte with SMTP_TLS=${tls}`, async () => {
    await using bench = await startBench({ overrides, environment: { SMTP_TLS: tls } });
    deepEqual(await bench.send(), { status: "accepted", replyCode: 250 });
    deepEqual(bench.server.mails.map((mail) => new Uint8Array(mail)), [MAIL.raw]);
  });
}

integrationTest("send() uses another connection when the idle one was closed", async () => {
  await using bench = await startBench();
  equal((await bench.send()).status, "accepted");
  bench.server.hangUp();
  equal((await bench.send()).status, "accepted");
  equal(bench.server.mails.length, 2);
});

for (
  const [what, reason, options] of [
    ["the server offers no STARTTLS", /^500 /, {
      overrides: { hideSTARTTLS: true, disabledCommands: ["STARTTLS"] },
    }],
    ["the certificate is not trusted (starttls)", /certificate/, {
      environment: { SMTP_CA: undefined },
    }],
    ["the certificate is not trusted (implicit)", /certificate/, {
      overrides: { secure: true },
      environment: { SMTP_TLS: "implicit", SMTP_CA: undefined },
    }],
    ["the certificate is for another name", /certificate|altnames|NotValidForName/i, {
      certificateAddress: "127.0.0.2",
    }],
  ] satisfies readonly (readonly [string, RegExp, BenchOptions])[]
) {
  integrationTest(`send() is unusable when ${what}`, async () => {
    await using bench = await startBench(options);
    assertFailed(await bench.send(), "unusable", reason);
    deepEqual(bench.server.mails, []);
  });
}

integrationTest("send() sends nothing when aborted beforehand", async () => {
  await using bench = await startBench();
  equal((await bench.send(MAIL, AbortSignal.abort())).status, "cancelled");
  equal(bench.server.connectionCount, 0);
});

integrationTest("send() breaks off a mail that is aborted before its end", async () => {
  const callOff = new AbortController();
  const replies: (() => void)[] = [];
  await using bench = await startBench({
    overrides: {
      onRcptTo: (_address, _session, callback) => {
        replies.push(() => callback(null));
        callOff.abort();
      },
    },
  });
  equal((await bench.send(MAIL, callOff.signal)).status, "cancelled");
  const next = bench.send();
  await waitFor("the next mail is on its way", () => replies.length === 2);
  for (const reply of replies) reply();
  equal((await next).status, "accepted");
  equal(bench.server.mails.length, 1);
});

integrationTest("send() sends no further byte of an aborted mail", async () => {
  const callOff = new AbortController();
  let takenBytes = 0;
  let resume = () => {};
  await using bench = await startBench({
    overrides: {
      ...WITHOUT_TLS,
      onData: (stream) => {
        resume = () => stream.resume();
        stream.on("data", (chunk: Uint8Array) => takenBytes += chunk.length);
        stream.once("data", () => {
          stream.pause();
          callOff.abort();
        });
      },
    },
    environment: { SMTP_TLS: "none" },
  });
  // More than the system's buffers hold.
  const large = { ...MAIL, raw: new Uint8Array(20_000_000).fill(0x78) };
  equal((await bench.send(large, callOff.signal)).status, "cancelled");
  resume();
  await waitFor("the connection is closed", () => bench.server.openConnectionCount === 0);
  ok(takenBytes > 0 && takenBytes < large.raw.length / 2, `${takenBytes} bytes`);
});

for (
  const [what, environment, outcome] of [
    ["the right password", {}, { status: "accepted" }],
    [
      "a wrong password",
      { MAILTRAP_PASSWORD: "wrong" },
      { status: "failed", reason: "535 5.7.0 Invalid login or password" },
    ],
  ] as const
) {
  integrationTest(`tryLogin() is ${outcome.status} with ${what}`, async () => {
    await using bench = await startBench({ environment });
    deepEqual(await bench.transport.tryLogin(new AbortController().signal), outcome);
    deepEqual(bench.server.mails, []);
  });
}

/** Mails from or for an address beyond ASCII. */
const INTERNATIONAL_MAILS: readonly Mail[] = [
  { from: "sender@example.com", to: ["用户@xn--fsqu00a.example"] },
  { from: "josé@example.com", to: ["recipient@example.com"] },
  { from: "sender@example.com", to: ["👩\u200d💻@example.com"] },
].map((envelope) => ({ ...MAIL, envelope }));

integrationTest("send() asks for SMTPUTF8 only where an address is beyond ASCII", async () => {
  const asked: unknown[] = [];
  await using bench = await startBench({
    overrides: {
      onRcptTo({ address }, { envelope }, callback) {
        const { mailFrom, smtpUtf8, bodyType } = envelope;
        asked.push([mailFrom && mailFrom.address, address, smtpUtf8, bodyType]);
        callback();
      },
    },
  });
  for (const mail of [MAIL, ...INTERNATIONAL_MAILS]) {
    equal((await bench.send(mail)).status, "accepted");
  }
  deepEqual(asked, [
    ["sender@example.com", "recipient@example.com", false, "7bit"],
    // The server of this test shows domains in Unicode.
    ["sender@example.com", "用户@例子.example", true, "8bitmime"],
    ["josé@example.com", "recipient@example.com", true, "8bitmime"],
    ["sender@example.com", "👩\u200d💻@example.com", true, "8bitmime"],
  ]);
});

integrationTest(
  "send() rejects one mail where a server has no SMTPUTF8, not the next",
  async () => {
    await using bench = await startBench({
      overrides: { hideSMTPUTF8: true },
      environment: { SMTP_CONNECTIONS: "1" },
    });
    for (const mail of INTERNATIONAL_MAILS) {
      assertFailed(
        await bench.send(mail),
        "rejected",
        /^an address is not ASCII, and the mail server does not offer SMTPUTF8$/,
      );
    }
    equal((await bench.send()).status, "accepted");
    equal(bench.server.mails.length, 1);
    equal(bench.server.connectionCount, 1);
  },
);
