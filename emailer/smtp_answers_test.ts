/**
 * How the transport handles a faulty mail server.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import type { Environment } from "@playground/shared/configuration";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { sleep } from "@playground/shared/time";
import { type SendTimeLimits, timeLimitsOf } from "./smtp_transport.ts";
import { listenOnLoopback } from "./testing/loopback_server.ts";
import {
  HANG_UP,
  type SmtpAnswer,
  type SmtpScript,
  startScriptedSmtpServer,
} from "./testing/scripted_smtp_server.ts";
import { assertFailed, benchWith, MAIL } from "./testing/smtp_bench.ts";
import { PASSWORD, USER } from "./testing/smtp_server.ts";

/** A mail server that follows a script, and a transport with one connection to it. */
async function startBench(
  script?: SmtpScript,
  environment: Environment = {},
  limits: Partial<SendTimeLimits> = {},
) {
  const settings = { SMTP_TLS: "none", SMTP_CONNECTIONS: "1", ...environment };
  return benchWith(await startScriptedSmtpServer(script), settings, limits);
}

/** A script that answers differently at one moment, the first time or the first few times. */
function once(verb: string, answer: SmtpAnswer, times = 1): SmtpScript {
  let left = times;
  return (step) => step.verb === verb && left-- > 0 ? answer : undefined;
}

/** A script that waits at one moment. */
function waitsAt(verb: string, wait: () => Promise<void>): SmtpScript {
  return async (step) => {
    if (step.verb === verb) await wait();
    return undefined;
  };
}

const SILENCE: SmtpAnswer = [];

/** A reply that goes on until the client has left. */
async function* endlessReply(): AsyncGenerator<string> {
  for (;;) {
    await sleep(20);
    yield "250-and more";
  }
}

for (const verb of ["CONNECT", "EHLO", "MAIL", "DATA", "END OF MAIL"]) {
  integrationTest(
    `send() waits for a late answer to ${verb}, and sends the mail once`,
    async () => {
      await using bench = await startBench(waitsAt(verb, () => sleep(600)));
      equal((await bench.send()).status, "accepted");
      equal(bench.server.mails.length, 1);
    },
  );
}

for (
  const [what, script, limits, status, reason] of [
    ["the greeting", once("CONNECT", SILENCE), { greetingTimeoutMs: 300 }, "deferred", /^Greeting/],
    ["the reply to EHLO", once("EHLO", SILENCE), { silenceTimeoutMs: 300 }, "deferred", /^Timeout/],
    [
      "the last reply",
      once("END OF MAIL", SILENCE),
      { silenceTimeoutMs: 300 },
      "deferred",
      /^Timeout/,
    ],
    [
      "the mail as a whole",
      once("END OF MAIL", SILENCE),
      { sendTimeoutMs: 300 },
      "deferred",
      /^the mail server did not take the mail within 300 ms$/,
    ],
    [
      "a login that goes on",
      once("EHLO", endlessReply()),
      { greetingTimeoutMs: 100, silenceTimeoutMs: 1_000 },
      "deferred",
      /^the mail server did not finish the login within 1100 ms$/,
    ],
    [
      "a login before the mail must begin",
      once("EHLO", SILENCE),
      { beginTimeoutMs: 300 },
      "postponed",
      /^the mail could not begin within 300 ms$/,
    ],
  ] as const
) {
  integrationTest(
    `send() is ${status}, and tries once, when the time for ${what} is over`,
    async () => {
      await using bench = await startBench(script, {}, limits);
      assertFailed(await bench.send(), status, reason);
      equal(bench.server.connectionCount, 1);
      await waitFor("the connection is closed", () => bench.server.openConnectionCount === 0);
    },
  );
}

Deno.test.each([1, 600, 720])(
  "a message is settled within 25 minutes, and a mail that has begun may wait for its reply (SMTP_TIMEOUT_SECONDS=%s)",
  (seconds) => {
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
  },
);

integrationTest("disposing a transport ends pending mails", async () => {
  const release = Promise.withResolvers<void>();
  await using bench = await startBench(waitsAt("EHLO", () => release.promise));
  const sending = Promise.all([bench.send(), bench.send()]);
  await waitFor("the first one is connecting", () => bench.server.steps.length === 2);
  bench.transport[Symbol.dispose]();
  for (const outcome of await sending) equal(outcome.status, "deferred");
  release.resolve();
  equal(bench.server.connectionCount, 1);
});

for (const answer of ["421 busy", HANG_UP] as const) {
  const how = answer === HANG_UP ? "no word" : answer;

  integrationTest(
    `send() delivers 80 mails at the first attempt to a server that takes one mail a connection (${how} at MAIL)`,
    async () => {
      await using bench = await startBench(
        ({ verb, mailCount }) => verb === "MAIL" && mailCount > 0 ? answer : undefined,
        { SMTP_CONNECTIONS: "4" },
      );
      const outcomes = await Promise.all(Array.from({ length: 80 }, () => bench.send()));
      deepEqual(outcomes.filter(({ status }) => status !== "accepted"), []);
      equal(bench.server.mails.length, 80);
    },
  );

  for (const verb of ["CONNECT", "EHLO", "AUTH", "MAIL"]) {
    for (const [times, status] of [[3, "accepted"], [4, "deferred"]] as const) {
      integrationTest(
        `send() is ${status} by a server that closes the connection at ${verb} with ${how} ${times} times, within one attempt`,
        async () => {
          await using bench = await startBench(once(verb, answer, times));
          const outcome = await bench.send();
          if (status === "accepted") equal(outcome.status, status);
          else assertFailed(outcome, status, /421 busy|closed|reset/i);
          equal(bench.server.connectionCount, 4);
          equal(bench.server.mails.length, status === "accepted" ? 1 : 0);
        },
      );
    }
  }

  for (const extensions of ["", "\r\n250-PIPELINING"]) {
    for (const verb of ["RCPT", "DATA", "END OF MAIL"]) {
      integrationTest(
        `send() is deferred, and uses no other connection, once MAIL was accepted (${how} at ${verb}${extensions})`,
        async () => {
          const capabilities = once("EHLO", `250-test${extensions}\r\n250 AUTH PLAIN`);
          const failure = once(verb, answer);
          await using bench = await startBench((step) => capabilities(step) ?? failure(step));
          assertFailed(await bench.send(), "deferred", /421 busy|closed|reset/i);
          equal(bench.server.connectionCount, 1);
        },
      );
    }
  }
}

integrationTest("send() is postponed when the mail cannot begin in time", async () => {
  const release = Promise.withResolvers<void>();
  await using bench = await startBench(waitsAt("END OF MAIL", () => release.promise), {}, {
    beginTimeoutMs: 1_500,
  });
  const first = bench.send();
  assertFailed(await bench.send(), "postponed", /could not begin within 1500 ms$/);
  release.resolve();
  equal((await first).status, "accepted");
  equal(bench.server.mails.length, 1);
  // The postponed mail has left its place: the next one gets the connection.
  equal((await bench.send()).status, "accepted");
});

for (
  const reply of [
    "250-queued\r\n554 5.7.1 refused",
    "24 Nov: the queue is full",
    "2 errors",
    "2500",
  ]
) {
  integrationTest(`send() does not take ${JSON.stringify(reply)} for an acceptance`, async () => {
    await using bench = await startBench(once("END OF MAIL", reply));
    const outcome = await bench.send();
    assertFailed(outcome, "deferred", /^the mail server answered /);
    equal((await bench.send()).status, "accepted");
  });
}

for (const reply of ["250", "250\tqueued", "250-queued\r\n250", "250 \u2028queued"]) {
  integrationTest(`send() takes ${JSON.stringify(reply)} for an acceptance`, async () => {
    await using bench = await startBench(once("END OF MAIL", reply));
    equal((await bench.send()).status, "accepted");
  });
}

integrationTest("send() does not accept 250 as the answer to DATA", async () => {
  await using bench = await startBench(once("DATA", "250 ok"));
  assertFailed(await bench.send(), "deferred", /answered DATA with 250 ok/);
  equal((await bench.send()).status, "accepted");
  equal(bench.server.mails.length, 1);
  equal(bench.server.connectionCount, 2);
});

// More than the system's buffers hold.
const LARGE_MAIL = { ...MAIL, raw: new Uint8Array(20_000_000).fill(0x78) };

for (
  const [answer, status, reason] of [
    ["552 5.3.4 too big", "rejected", /^552 5\.3\.4 too big$/],
    ["250 ok", "deferred", /answered 250 ok before the end of the mail/],
    ["354 again", "deferred", /^354 again$/],
    ["\r\n\r\n\r\n250 ok", "deferred", /answered 250 ok before the end of the mail/],
  ] as const
) {
  for (const [size, mail] of [["small", MAIL], ["large", LARGE_MAIL]] as const) {
    integrationTest(
      `send() is ${status} by ${JSON.stringify(answer)} within a ${size} mail, and drops the rest`,
      async () => {
        await using bench = await startBench(once("DATA", `354 go on\r\n${answer}`));
        assertFailed(await bench.send(mail), status, reason);
        equal((await bench.send()).status, "accepted");
        equal(bench.server.mails.length, 1);
        equal(bench.server.connectionCount, 2);
      },
    );
  }
}

integrationTest(
  "send() is deferred by 250 that begins before the mail and ends after it",
  async () => {
    const answers = ["250 test\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n250 o", "k\r\n"];
    const server = createServer((socket) => {
      socket.write("220 test\r\n");
      socket.on("data", () => socket.write(answers.shift() ?? ""));
    });
    await using bench = benchWith(await listenOnLoopback(server), { SMTP_TLS: "none" });
    assertFailed(await bench.send(), "deferred", /began to answer 250 o before the mail$/);
  },
);

for (
  const [verb, answers, status] of [
    ["AUTH", "235 welcome\r\n250 ok", "accepted"],
    ["RCPT", "550 refused\r\n250 ok", "rejected"],
    ["END OF MAIL", "250 ok\r\n550 refused", "accepted"],
  ] as const
) {
  integrationTest(`send() takes a second answer to ${verb} for none to the next mail`, async () => {
    await using bench = await startBench(once(verb, answers));
    equal((await bench.send()).status, status);
    equal((await bench.send()).status, "accepted");
    equal(bench.server.connectionCount, 2);
  });
}

for (
  const [verb, answer, status, connectionCount] of [
    ["RCPT", "451 later", "deferred", 1],
    ["RCPT", "550 no such user", "rejected", 1],
    ["RCPT", "530 5.7.1 Authentication required", "deferred", 1],
    ["RCPT", "552 5.2.2 mailbox full: messages limit reached", "deferred", 1],
    ["MAIL", "530 5.7.1 Authentication required", "unusable", 1],
    ["MAIL", "503 5.5.1 Error: send EHLO first", "deferred", 2],
    ["END OF MAIL", "530 5.7.1 Message refused", "deferred", 1],
    ["END OF MAIL", "535 5.7.0 Monthly messages limit reached", "unusable", 1],
    ["END OF MAIL", "5540 refused", "deferred", 1],
    ["END OF MAIL", "552 5.3.4 Error: message too big", "rejected", 1],
    ["AUTH", "454 4.7.0 later", "deferred", 2],
  ] as const
) {
  integrationTest(
    `send() is ${status} by ${answer} to ${verb}, and the next mail uses connection ${connectionCount}`,
    async () => {
      await using bench = await startBench(once(verb, answer));
      const outcome = await bench.send();
      ok(outcome.status !== "accepted");
      deepEqual([outcome.status, outcome.reason], [status, answer]);
      equal((await bench.send()).status, "accepted");
      equal(bench.server.connectionCount, connectionCount);
      equal(bench.server.steps.some(({ verb }) => verb === "RSET"), connectionCount === 1);
    },
  );
}

integrationTest("send() is deferred when nobody listens", async () => {
  await using bench = await startBench();
  await bench.server[Symbol.asyncDispose]();
  assertFailed(await bench.send(), "deferred", /ECONNREFUSED/);
});

integrationTest("tryLogin() ends at the signal, even with a silent server", async () => {
  await using bench = await startBench(once("CONNECT", SILENCE));
  const stop = new AbortController();
  const trying = bench.transport.tryLogin(stop.signal);
  await waitFor("the connection is open", () => bench.server.connectionCount === 1);
  stop.abort();
  equal((await trying).status, "failed");
});

integrationTest("send() begins no more mails than SMTP_RATE_PER_SECOND allows", async () => {
  await using bench = await startBench(undefined, { SMTP_RATE_PER_SECOND: "20" });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 11 }, () => bench.send()));
  const tookMs = performance.now() - startedAt;
  // Eleven mails have ten intervals.
  ok(tookMs >= 490, `${tookMs} ms`);
});

integrationTest("send() says EHLO with SMTP_NAME", async () => {
  await using bench = await startBench(undefined, { SMTP_NAME: "mail.example.com" });
  await bench.send();
  equal(bench.server.steps[1]?.line, "EHLO mail.example.com");
});

for (
  const [what, capability, answer, loginLines] of [
    ["a bare 334", "AUTH LOGIN", "334", [USER, PASSWORD]],
    ["334 and a text", "AUTH LOGIN", "334 VXNlcm5hbWU6", [USER, PASSWORD]],
    ["the old AUTH= form", "AUTH=LOGIN PLAIN", undefined, []],
  ] as const
) {
  integrationTest(`send() logs in at a server with ${what}`, async () => {
    await using bench = await startBench(({ verb }) =>
      verb === "EHLO" ? `250-test\r\n250 ${capability}` : verb === "AUTH" ? answer : undefined
    );
    equal((await bench.send()).status, "accepted");
    const lines = bench.server.steps.filter(({ verb }) => verb === "LOGIN LINE")
      .map(({ line }) => Buffer.from(line, "base64").toString());
    deepEqual(lines, loginLines);
  });
}

for (
  const [what, ehlo] of [
    ["whose name has auth in it", "250-smtp-auth.example.com\r\n250 8BITMIME"],
    ["that only knows HELO", "502 5.5.1 unknown command"],
  ] as const
) {
  integrationTest(`send() does not log in at a server without AUTH, ${what}`, async () => {
    const answers = new Map([["EHLO", ehlo], ["AUTH", "503 5.5.1 AUTH not available"]]);
    await using bench = await startBench(({ verb }) => answers.get(verb));
    equal((await bench.send()).status, "accepted");
  });
}

for (
  const [what, greeting, reason] of [
    ["does not begin with TLS", undefined, /wrong version number/],
    // RFC 8446 section 6: alert, TLS 1.2, two bytes; fatal, handshake_failure.
    ["has no cipher in common", "\x15\x03\x03\x00\x02\x02\x28", /HandshakeFailure/],
  ] as const
) {
  integrationTest(`send() is unusable when the server ${what}`, async () => {
    await using bench = await startBench(once("CONNECT", greeting), { SMTP_TLS: "implicit" });
    assertFailed(await bench.send(), "unusable", reason);
  });
}

integrationTest("send() is unusable when AUTH LOGIN is refused", async () => {
  await using bench = await startBench(({ verb, line }) => {
    if (verb === "EHLO") return "250-test\r\n250 AUTH LOGIN";
    if (verb === "AUTH") return "334";
    const isPassword = line === Buffer.from(PASSWORD).toString("base64");
    return verb === "LOGIN LINE" && isPassword ? "535 5.7.0 wrong" : undefined;
  });
  assertFailed(await bench.send(), "unusable", /^535 5\.7\.0 wrong$/);
});
