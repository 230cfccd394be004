import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { SMTPServerOptions } from "smtp-server";
import type { Mail } from "./mail.ts";
import { assertFailed, MAIL, sendTo, transportTo, WITHOUT_TLS } from "./testing/smtp_client.ts";
import { startSilentServer } from "./testing/loopback_server.ts";
import { startTestSmtpServer, type TestSmtpServer } from "./testing/smtp_server.ts";

for (
  const [tls, overrides] of [
    ["starttls", {}],
    ["implicit", { secure: true }],
    ["none", WITHOUT_TLS],
  ] as readonly [string, SMTPServerOptions][]
) {
  integrationTest(`send() delivers a mail byte by byte with SMTP_TLS=${tls}`, async () => {
    await using server = await startTestSmtpServer({ overrides });
    deepEqual(await sendTo(server, { SMTP_TLS: tls }), { status: "accepted", replyCode: 250 });
    deepEqual(server.mails.map((mail) => new Uint8Array(mail)), [MAIL.raw]);
  });
}

integrationTest(
  "send() keeps a connection for the next mail, and opens no more than allowed",
  async () => {
    await using server = await startTestSmtpServer();
    using transport = transportTo(server.port, {
      SMTP_CA: server.caPem,
      SMTP_CONNECTIONS: "2",
    });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => transport.send(MAIL)));
    ok(outcomes.every(({ status }) => status === "accepted"));
    equal(server.mails.length, 10);
    ok(server.connectionCount <= 2, `${server.connectionCount}`);
  },
);

integrationTest(
  "send() goes over another connection when the server closed the idle one",
  async () => {
    await using server = await startTestSmtpServer();
    using transport = transportTo(server.port, { SMTP_CA: server.caPem });
    equal((await transport.send(MAIL)).status, "accepted");
    server.hangUp();
    equal((await transport.send(MAIL)).status, "accepted");
    equal(server.mails.length, 2);
  },
);

integrationTest("send() is unusable when the server offers no STARTTLS", async () => {
  await using server = await startTestSmtpServer({
    overrides: { hideSTARTTLS: true, disabledCommands: ["STARTTLS"] },
  });
  assertFailed(await sendTo(server), "unusable", /^500 /);
  deepEqual(server.mails, []);
});

integrationTest("send() sends nothing that is called off beforehand", async () => {
  await using server = await startTestSmtpServer();
  using transport = transportTo(server.port, { SMTP_CA: server.caPem });
  equal((await transport.send(MAIL, AbortSignal.abort())).status, "cancelled");
  equal(server.connectionCount, 0);
});

integrationTest("send() breaks off a mail that is called off before its end", async () => {
  const callOff = new AbortController();
  const replies: (() => void)[] = [];
  await using server = await startTestSmtpServer({
    overrides: {
      onRcptTo: (_address, _session, callback) => {
        replies.push(() => callback(null));
        callOff.abort();
      },
    },
  });
  using transport = transportTo(server.port, { SMTP_CA: server.caPem });
  equal((await transport.send(MAIL, callOff.signal)).status, "cancelled");
  const next = transport.send(MAIL);
  await waitFor("the next mail is on its way", () => replies.length === 2);
  for (const reply of replies) reply();
  equal((await next).status, "accepted");
  equal(server.mails.length, 1);
});

integrationTest("tryLogin() tells whether the mail server takes the login", async () => {
  await using server = await startTestSmtpServer();
  const { signal } = new AbortController();
  using right = transportTo(server.port, { SMTP_CA: server.caPem });
  deepEqual(await right.tryLogin(signal), { status: "accepted" });
  using wrong = transportTo(server.port, {
    SMTP_CA: server.caPem,
    MAILTRAP_PASSWORD: "wrong",
  });
  deepEqual(await wrong.tryLogin(signal), {
    status: "failed",
    reason: "535 5.7.0 Invalid login or password",
  });
  deepEqual(server.mails, []);
});

integrationTest("tryLogin() ends at the signal, also with a server that says nothing", async () => {
  await using server = await startSilentServer();
  using transport = transportTo(server.port);
  const stop = new AbortController();
  const trying = transport.tryLogin(stop.signal);
  await waitFor("the connection is open", () => server.connectionCount === 1);
  stop.abort();
  equal((await trying).status, "failed");
});

/** A mail from or for an address beyond ASCII. */
const INTERNATIONAL_MAILS: readonly Mail["envelope"][] = [
  { from: "sender@example.com", to: ["用户@xn--fsqu00a.example"] },
  { from: "josé@example.com", to: ["recipient@example.com"] },
  { from: "sender@example.com", to: ["👩\u200d💻@example.com"] },
];

integrationTest(
  "send() asks for SMTPUTF8 where an address is beyond ASCII, and only there",
  async () => {
    const asked: unknown[] = [];
    await using server = await startTestSmtpServer({
      overrides: {
        ...WITHOUT_TLS,
        onRcptTo({ address }, { envelope }, callback) {
          const { mailFrom, smtpUtf8, bodyType } = envelope;
          asked.push([mailFrom && mailFrom.address, address, smtpUtf8, bodyType]);
          callback();
        },
      },
    });
    using transport = transportTo(server.port, { SMTP_TLS: "none" });
    for (const envelope of [MAIL.envelope, ...INTERNATIONAL_MAILS]) {
      equal((await transport.send({ ...MAIL, envelope })).status, "accepted");
    }
    deepEqual(asked, [
      ["sender@example.com", "recipient@example.com", false, "7bit"],
      // The server of this test shows domains in Unicode.
      ["sender@example.com", "用户@例子.example", true, "8bitmime"],
      ["josé@example.com", "recipient@example.com", true, "8bitmime"],
      ["sender@example.com", "👩\u200d💻@example.com", true, "8bitmime"],
    ]);
  },
);

integrationTest(
  "send() tells that a server takes no address beyond ASCII, and goes on with the next mail",
  async () => {
    await using server = await startTestSmtpServer({
      overrides: { ...WITHOUT_TLS, hideSMTPUTF8: true },
    });
    using transport = transportTo(server.port, { SMTP_TLS: "none", SMTP_CONNECTIONS: "1" });
    for (const envelope of INTERNATIONAL_MAILS) {
      assertFailed(
        await transport.send({ ...MAIL, envelope }),
        "rejected",
        /^an address is not ASCII, and the mail server does not offer SMTPUTF8$/,
      );
    }
    equal((await transport.send(MAIL)).status, "accepted");
    equal(server.mails.length, 1);
    equal(server.connectionCount, 1);
  },
);

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

integrationTest(
  "send() is deferred, and sends nothing twice, when the server hangs up before the final dot",
  async () => {
    let transactionCount = 0;
    await using server: TestSmtpServer = await startTestSmtpServer({
      overrides: {
        onData: (stream) => {
          transactionCount++;
          stream.once("data", () => server.hangUp());
        },
      },
    });
    assertFailed(await sendTo(server), "deferred", /closed|reset|hung up/i);
    equal(transactionCount, 1);
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
