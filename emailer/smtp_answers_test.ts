/**
 * What the transport makes of the answers that a mail server gives on a bad day.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { MAX_FOREIGN_TEXT_LENGTH } from "@playground/shared/text";
import { sleep } from "@playground/shared/time";
import { timeLimitsOf } from "./smtp_transport.ts";
import {
  HANG_UP,
  type ScriptedSmtpServer,
  type SmtpAnswer,
  type SmtpScript,
  startScriptedSmtpServer,
} from "./testing/scripted_smtp_server.ts";
import { assertFailed, MAIL, transportTo } from "./testing/smtp_client.ts";
import { PASSWORD, USER } from "./testing/smtp_server.ts";

const WITHOUT_TLS = { SMTP_TLS: "none", SMTP_CONNECTIONS: "1" };

function connectionCountOf({ steps }: ScriptedSmtpServer): number {
  return steps.filter(({ verb }) => verb === "CONNECT").length;
}

/** A script that says nothing at one moment until the signal. */
function silentAt(verb: string, signal: AbortSignal): SmtpScript {
  return async (step) => {
    if (step.verb === verb) await sleep(60_000, signal);
    return undefined;
  };
}

/** A script that says something else at one moment, the first time or the first few times. */
function once(verb: string, answer: SmtpAnswer, times = 1): SmtpScript {
  let left = times;
  return (step) => step.verb === verb && left-- > 0 ? answer : undefined;
}

for (const verb of ["CONNECT", "EHLO", "MAIL", "DATA", "END OF MAIL"]) {
  integrationTest(
    `send() waits for an answer to ${verb} that comes late, and sends the mail once`,
    async () => {
      await using server = await startScriptedSmtpServer(async (step) => {
        if (step.verb === verb) await sleep(600);
        return undefined;
      });
      using transport = transportTo(server.port, WITHOUT_TLS, {
        greetingTimeoutMs: 5_000,
        silenceTimeoutMs: 5_000,
      });
      equal((await transport.send(MAIL)).status, "accepted");
      equal(server.mails.length, 1);
    },
  );
}

for (
  const [verb, variable] of [
    ["CONNECT", "SMTP_GREETING_TIMEOUT_SECONDS"],
    ["EHLO", "SMTP_TIMEOUT_SECONDS"],
    ["END OF MAIL", "SMTP_TIMEOUT_SECONDS"],
  ] as const
) {
  integrationTest(`send() waits as long for an answer to ${verb} as ${variable} says`, async () => {
    const ending = new AbortController();
    await using server = await startScriptedSmtpServer(silentAt(verb, ending.signal));
    using transport = transportTo(server.port, { ...WITHOUT_TLS, [variable]: "1" }, {
      [verb === "CONNECT" ? "greetingTimeoutMs" : "silenceTimeoutMs"]: 1_000,
    });
    assertFailed(await transport.send(MAIL), "deferred", /Greeting never received|Timeout/);
    ending.abort();
    equal(connectionCountOf(server), 1);
  });
}

for (const seconds of [1, 600, 720]) {
  Deno.test(`a message is settled within 25 minutes, and a mail that begins may wait for its reply (SMTP_TIMEOUT_SECONDS=${seconds})`, () => {
    const limits = timeLimitsOf({
      SMTP_GREETING_TIMEOUT_SECONDS: 300,
      SMTP_TIMEOUT_SECONDS: seconds,
    });
    // RFC 5321 section 4.5.3.2.
    equal(limits.greetingTimeoutMs, 5 * 60_000);
    equal(limits.silenceTimeoutMs, seconds * 1_000);
    // Two publications, each with ten seconds for its confirm, and the pauses around them.
    ok(limits.sendTimeoutMs + 30_000 <= 25 * 60_000);
    ok(limits.beginTimeoutMs > 0);
    ok(limits.beginTimeoutMs + limits.silenceTimeoutMs <= limits.sendTimeoutMs);
  });
}

integrationTest("disposing a transport ends what it was about to send", async () => {
  const release = Promise.withResolvers<void>();
  await using server = await startScriptedSmtpServer(async ({ verb }) => {
    if (verb === "EHLO") await release.promise;
    return undefined;
  });
  const transport = transportTo(server.port, WITHOUT_TLS);
  const sending = Promise.all([transport.send(MAIL), transport.send(MAIL)]);
  await waitFor("the first one is connecting", () => server.steps.length === 2);
  transport[Symbol.dispose]();
  for (const outcome of await sending) equal(outcome.status, "deferred");
  release.resolve();
  equal(connectionCountOf(server), 1);
});

for (
  const [what, script] of [
    [
      "421 to MAIL",
      ({ verb, mailCount }) => verb === "MAIL" && mailCount > 0 ? "421 one each" : undefined,
    ],
    [
      "no word at MAIL",
      ({ verb, mailCount }) => verb === "MAIL" && mailCount > 0 ? HANG_UP : undefined,
    ],
  ] as readonly [string, SmtpScript][]
) {
  integrationTest(
    `send() delivers 80 mails at the first attempt to a server that takes one mail a connection (${what})`,
    async () => {
      await using server = await startScriptedSmtpServer(script);
      using transport = transportTo(server.port, { ...WITHOUT_TLS, SMTP_CONNECTIONS: "4" });
      const outcomes = await Promise.all(Array.from({ length: 80 }, () => transport.send(MAIL)));
      deepEqual(outcomes.filter(({ status }) => status !== "accepted"), []);
      equal(server.mails.length, 80);
    },
  );
}

for (const verb of ["CONNECT", "EHLO", "AUTH", "MAIL"]) {
  for (const answer of ["421 busy", HANG_UP] as const) {
    for (const times of [3, 4]) {
      const how = answer === HANG_UP ? "no word" : answer;
      const status = times === 3 ? "accepted" : "deferred";
      integrationTest(
        `send() is ${status} by a server that closes the connection at ${verb} with ${how} ${times} times, within one attempt`,
        async () => {
          await using server = await startScriptedSmtpServer(once(verb, answer, times));
          using transport = transportTo(server.port, WITHOUT_TLS);
          const outcome = await transport.send(MAIL);
          if (status === "accepted") equal(outcome.status, status);
          else assertFailed(outcome, status, /421 busy|closed|reset/i);
          equal(connectionCountOf(server), 4);
          equal(server.mails.length, status === "accepted" ? 1 : 0);
        },
      );
    }
  }
}

for (const extensions of ["AUTH PLAIN", "AUTH PLAIN\r\n250 PIPELINING"]) {
  for (const verb of ["RCPT", "DATA", "END OF MAIL"]) {
    for (const answer of ["421 busy", HANG_UP] as const) {
      const how = answer === HANG_UP ? "no word" : answer;
      const pipelining = extensions.includes("PIPELINING") ? ", pipelined" : "";
      integrationTest(
        `send() is deferred, and goes over no other connection, once MAIL was accepted (${how} at ${verb}${pipelining})`,
        async () => {
          await using server = await startScriptedSmtpServer((step) =>
            step.verb === "EHLO"
              ? `250-test\r\n250${pipelining === "" ? " " : "-"}${extensions}`
              : step.verb === verb
              ? answer
              : undefined
          );
          using transport = transportTo(server.port, WITHOUT_TLS);
          assertFailed(await transport.send(MAIL), "deferred", /421 busy|closed|reset/i);
          equal(connectionCountOf(server), 1);
        },
      );
    }
  }
}

integrationTest("send() is postponed when the mail cannot begin in time", async () => {
  const release = Promise.withResolvers<void>();
  await using server = await startScriptedSmtpServer(async ({ verb }) => {
    if (verb === "END OF MAIL") await release.promise;
    return undefined;
  });
  using transport = transportTo(server.port, WITHOUT_TLS, { beginTimeoutMs: 300 });
  const first = transport.send(MAIL);
  assertFailed(await transport.send(MAIL), "postponed", /could not begin within 300 ms$/);
  release.resolve();
  equal((await first).status, "accepted");
  equal(server.mails.length, 1);
  // The turn of the mail that went back is nobody's: the next one gets the connection.
  equal((await transport.send(MAIL)).status, "accepted");
});

integrationTest("send() is postponed when the login does not end in time", async () => {
  const ending = new AbortController();
  await using server = await startScriptedSmtpServer(silentAt("EHLO", ending.signal));
  using transport = transportTo(server.port, WITHOUT_TLS, { beginTimeoutMs: 300 });
  assertFailed(await transport.send(MAIL), "postponed", /could not begin within 300 ms$/);
  ending.abort();
});

integrationTest("send() takes 250 for no answer to DATA", async () => {
  await using server = await startScriptedSmtpServer(once("DATA", "250 ok"));
  using transport = transportTo(server.port, WITHOUT_TLS);
  assertFailed(await transport.send(MAIL), "deferred", /answered DATA with 250 ok/);
  equal((await transport.send(MAIL)).status, "accepted");
  equal(server.mails.length, 1);
  equal(connectionCountOf(server), 2);
});

for (
  const [verb, answer, status, connectionCount] of [
    ["RCPT", "451 later", "deferred", 1],
    ["RCPT", "550 no such user", "rejected", 1],
    ["END OF MAIL", "552 5.3.4 Error: message too big", "rejected", 1],
    ["AUTH", "454 4.7.0 later", "deferred", 2],
  ] as const
) {
  integrationTest(
    `send() is ${status} by ${answer} to ${verb}, and the next mail goes over connection ${connectionCount}`,
    async () => {
      await using server = await startScriptedSmtpServer(once(verb, answer));
      using transport = transportTo(server.port, WITHOUT_TLS);
      const outcome = await transport.send(MAIL);
      assertFailed(outcome, status, /./);
      equal(outcome.status !== "accepted" && outcome.reason, answer);
      equal((await transport.send(MAIL)).status, "accepted");
      equal(connectionCountOf(server), connectionCount);
    },
  );
}

integrationTest(
  "send() begins no more mails a second than SMTP_RATE_PER_SECOND allows",
  async () => {
    const begunAtMs: number[] = [];
    await using server = await startScriptedSmtpServer(({ verb }) => {
      if (verb === "MAIL") begunAtMs.push(performance.now());
      return undefined;
    });
    using transport = transportTo(server.port, { ...WITHOUT_TLS, SMTP_RATE_PER_SECOND: "20" });
    await Promise.all(Array.from({ length: 11 }, () => transport.send(MAIL)));
    const tookMs = (begunAtMs.at(-1) ?? 0) - (begunAtMs[0] ?? 0);
    // Eleven mails have ten intervals; the first may have been late by one.
    ok(tookMs >= 450, `${tookMs} ms`);
  },
);

integrationTest("send() says EHLO with SMTP_NAME", async () => {
  await using server = await startScriptedSmtpServer();
  using usual = transportTo(server.port, WITHOUT_TLS);
  await usual.send(MAIL);
  using named = transportTo(server.port, { ...WITHOUT_TLS, SMTP_NAME: "mail.example.com" });
  await named.send(MAIL);
  deepEqual(server.steps.filter(({ verb }) => verb === "EHLO").map(({ line }) => line), [
    "EHLO playground.invalid",
    "EHLO mail.example.com",
  ]);
});

for (
  const [what, capability, script] of [
    ["a bare 334", "AUTH LOGIN", ({ verb }) => verb === "AUTH" ? "334" : undefined],
    [
      "334 and a text",
      "AUTH LOGIN",
      ({ verb }) => verb === "AUTH" ? "334 VXNlcm5hbWU6" : undefined,
    ],
    ["the old AUTH= form", "AUTH=LOGIN PLAIN", () => undefined],
  ] as readonly [string, string, SmtpScript][]
) {
  integrationTest(`send() logs in at a server with ${what}`, async () => {
    await using server = await startScriptedSmtpServer((step) =>
      step.verb === "EHLO" ? `250-test\r\n250 ${capability}` : script(step)
    );
    using transport = transportTo(server.port, WITHOUT_TLS);
    equal((await transport.send(MAIL)).status, "accepted");
    const lines = server.steps.filter(({ verb }) => verb === "LOGIN LINE").map(({ line }) =>
      Buffer.from(line, "base64").toString()
    );
    deepEqual(lines, capability === "AUTH LOGIN" ? [USER, PASSWORD] : []);
  });
}

integrationTest("send() is unusable when AUTH LOGIN is refused", async () => {
  await using server = await startScriptedSmtpServer(({ verb, line }) =>
    verb === "EHLO"
      ? "250-test\r\n250 AUTH LOGIN"
      : verb === "AUTH"
      ? "334"
      : verb === "LOGIN LINE" && line === Buffer.from(PASSWORD).toString("base64")
      ? "535 5.7.0 wrong"
      : undefined
  );
  using transport = transportTo(server.port, WITHOUT_TLS);
  assertFailed(await transport.send(MAIL), "unusable", /^535 5\.7\.0 wrong$/);
});

/** A reply that goes on until the client has left. */
async function* endlessReply(): AsyncGenerator<string> {
  for (;;) {
    await sleep(20);
    yield "250-and more";
  }
}

integrationTest("tryLogin() ends in its time, also at a reply without an end", async () => {
  await using server = await startScriptedSmtpServer(({ verb }) =>
    verb === "EHLO" ? endlessReply() : undefined
  );
  using transport = transportTo(server.port, WITHOUT_TLS, {
    greetingTimeoutMs: 300,
    silenceTimeoutMs: 200,
  });
  deepEqual(await transport.tryLogin(new AbortController().signal), {
    status: "failed",
    reason: "the mail server did not finish the login within 500 ms",
  });
});

integrationTest("send() cuts a reply of 34 kB", async () => {
  const lines = Array.from({ length: 70 }, () => `550-${"😀x".repeat(160)}`);
  await using server = await startScriptedSmtpServer(
    once("RCPT", `${lines.join("\r\n")}\r\n550 end`),
  );
  using transport = transportTo(server.port, WITHOUT_TLS);
  const outcome = await transport.send(MAIL);
  assertFailed(outcome, "rejected", /^550-/);
  const reason = outcome.status === "accepted" ? "" : outcome.reason;
  ok(reason.length <= MAX_FOREIGN_TEXT_LENGTH && reason.isWellFormed(), reason);
  equal((await transport.send(MAIL)).status, "accepted");
});
