import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import type { SMTPServerDataStream, SMTPServerOptions } from "smtp-server";
import type { SendOutcome } from "./send_outcome.ts";
import { assertFailed, MAIL, sendTo, transportTo, WITHOUT_TLS } from "./testing/smtp_client.ts";
import { smtpError, startTestSmtpServer } from "./testing/smtp_server.ts";

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

integrationTest("send() takes the authority from a file as well", async () => {
  await using server = await startTestSmtpServer();
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, server.caPem);
    equal((await sendTo(server, { SMTP_CA: file })).status, "accepted");
  } finally {
    await Deno.remove(file);
  }
});

integrationTest(
  "send() keeps a connection for the next mail, and opens no more than allowed",
  async () => {
    await using server = await startTestSmtpServer();
    await using transport = transportTo(server.port, {
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
    await using transport = transportTo(server.port, { SMTP_CA: server.caPem });
    equal((await transport.send(MAIL)).status, "accepted");
    server.hangUp();
    equal((await transport.send(MAIL)).status, "accepted");
    equal(server.mails.length, 2);
  },
);

for (
  const [what, overrides, status, reason] of [
    [
      "451 to RCPT",
      { onRcptTo: (_address, _session, callback) => callback(smtpError(451, "later")) },
      "deferred",
      /^451 later$/,
    ],
    [
      "550 to RCPT",
      { onRcptTo: (_address, _session, callback) => callback(smtpError(550, "unknown")) },
      "rejected",
      /^550 unknown$/,
    ],
    [
      "552 to the data",
      {
        onData: (stream: SMTPServerDataStream, _session, callback) => {
          stream.resume();
          stream.on("end", () => callback(smtpError(552, "5.3.4 Error: message too big")));
        },
      },
      "rejected",
      /^552 5\.3\.4 /,
    ],
    [
      "421 instead of a greeting",
      { onConnect: (_session, callback) => callback(smtpError(421, "busy")) },
      "deferred",
      /^421 busy$/,
    ],
    [
      "454 to AUTH",
      { onAuth: (_auth, _session, callback) => callback(smtpError(454, "4.7.0 later")) },
      "deferred",
      /^454 4\.7\.0 later$/,
    ],
    [
      "535 too many connections to AUTH",
      {
        onAuth: (_a, _session, callback) => callback(smtpError(535, "5.7.8 Too many connections")),
      },
      "deferred",
      /^535 5\.7\.8 Too many connections$/,
    ],
    [
      "no STARTTLS",
      { hideSTARTTLS: true, disabledCommands: ["STARTTLS"] },
      "unusable",
      /^500 /,
    ],
  ] as readonly [string, SMTPServerOptions, SendOutcome["status"], RegExp][]
) {
  integrationTest(`send() is ${status} when the server answers with ${what}`, async () => {
    await using server = await startTestSmtpServer({ overrides });
    assertFailed(await sendTo(server), status, reason);
    deepEqual(server.mails, []);
  });
}

integrationTest("send() is unusable with a wrong password", async () => {
  await using server = await startTestSmtpServer();
  deepEqual(await sendTo(server, { MAILTRAP_PASSWORD: "wrong" }), {
    status: "unusable",
    reason: "535 5.7.0 Invalid login or password",
    replyCode: 535,
  });
});
