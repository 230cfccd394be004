import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  describeOutcome,
  type Publication,
  type Publisher,
  type PublishOutcome,
} from "@playground/shared/amqp";
import { stopTime } from "@playground/shared/testing";
import { captureLog, textOf } from "@playground/shared/testing/telemetry";
import { VERSION } from "@playground/shared/version";
import { createDelivery } from "./deliver.ts";
import { composeMail, type Mail } from "./mail.ts";
import type { QueuedMessage } from "./queued_email.ts";
import { Republisher } from "./republish.ts";
import type { SendOutcome } from "./send_outcome.ts";
import { EMAIL } from "./testing/example_email.ts";

const ACCEPTED: SendOutcome = { status: "accepted", replyCode: 250 };
const DEFERRED = { status: "deferred", reason: "451 later", replyCode: 451 } as const;
const CONNECTION_RESET = { status: "deferred", reason: "connection reset" } as const;
const REJECTED = { status: "rejected", reason: "550 unknown", replyCode: 550 } as const;
const UNUSABLE = { status: "unusable", reason: "535 wrong password", replyCode: 535 } as const;
const POSTPONED = { status: "postponed", reason: "the mail could not begin in time" } as const;

interface Circumstances {
  /** @default an email at this attempt */
  readonly message?: QueuedMessage;
  readonly attempt?: number;
  readonly signal?: AbortSignal;
  /** The mail server's answer to the only mail. @default none is sent */
  readonly answer?: SendOutcome | undefined;
  /** Called when the mail is sent. */
  readonly onSend?: (signal: AbortSignal | undefined) => void;
  /** The outcome of the first publication, the second, … @default all are confirmed */
  readonly published?: readonly PublishOutcome[];
  readonly maxAttempts?: number;
  readonly pausedBecause?: string | undefined;
  readonly compose?: typeof composeMail;
}

/** Delivers a message with fakes; returns the outcome and the calls. */
async function deliver({
  attempt = 1,
  message = { ...EMAIL, attempt, ok: true },
  signal = new AbortController().signal,
  answer,
  onSend,
  published = [],
  maxAttempts = 3,
  pausedBecause,
  compose = composeMail,
}: Circumstances) {
  const mails: Mail[] = [];
  const retried: Publication[] = [];
  const dead: Publication[] = [];
  const pauses: string[] = [];
  const outcomes = [...published];
  const publisherInto = (publications: Publication[]): Publisher => ({
    publish: (publication) => {
      publications.push(publication);
      return Promise.resolve(outcomes.shift() ?? { status: "confirmed" });
    },
  });
  const deliver = createDelivery({
    transport: {
      send: (mail, sendSignal) => {
        mails.push(mail);
        onSend?.(sendSignal);
        ok(answer !== undefined && mails.length === 1, "sent too often");
        return Promise.resolve(answer);
      },
    },
    republisher: new Republisher({
      retryPublisher: publisherInto(retried),
      deadLetterPublisher: publisherInto(dead),
      policy: {
        delays: [{ text: "1s", milliseconds: 1_000 }, { text: "5s", milliseconds: 5_000 }],
        maxAttempts,
      },
    }),
    compose,
    pause: { reason: pausedBecause, begin: (reason) => pauses.push(reason) },
  });
  using time = stopTime();
  const disposition = await time.passUntil(deliver(message, signal), 1_000);
  return { disposition, mails, retried, dead, pauses };
}

/** A fresh message for {@linkcode EMAIL}. */
function freshMessage(routingKey: string, headers: Readonly<Record<string, unknown>>) {
  return {
    exchange: "",
    routingKey,
    content: EMAIL.content,
    options: {
      persistent: true,
      mandatory: true,
      contentType: "application/json",
      appId: `emailer/${VERSION}`,
      messageId: EMAIL.emailId,
      timestamp: 1_795_523_696,
      headers: { "x-mail-message-id": EMAIL.messageId, ...headers },
    },
  };
}

Deno.test("deliver() sends the mail and publishes nothing when it is accepted", async () => {
  const { disposition, mails: [mail], retried, dead } = await deliver({ answer: ACCEPTED });
  deepEqual(disposition, { outcome: "delivered" });
  deepEqual([mail, retried, dead], [composeMail(EMAIL), [], []]);
});

Deno.test.each([
  [1, 3, "send-email.retry.1s"],
  [2, 3, "send-email.retry.5s"],
  [9, 10, "send-email.retry.5s"],
])(
  "deliver() lets a mail that is deferred at attempt %s of %s wait in %s",
  async (attempt, maxAttempts, queue) => {
    const circumstances = { attempt, answer: DEFERRED, maxAttempts };
    const { disposition, retried, dead } = await deliver(circumstances);
    deepEqual(disposition, { outcome: "retried", reason: "451 later" });
    deepEqual(retried, [freshMessage(queue, { "x-attempt": attempt + 1 })]);
    deepEqual(dead, []);
  },
);

Deno.test.each([
  [1, 3, "refused for good: 550 unknown", REJECTED, "550 unknown"],
  [3, 3, "gave up after 3 attempts: 451 later", DEFERRED, "451 later"],
  [1, 1, "gave up after 1 attempt: connection reset", CONNECTION_RESET, undefined],
])(
  "deliver() gives a mail up at attempt %s of %s: %s",
  async (attempt, maxAttempts, reason, answer, lastReply) => {
    const { disposition, retried, dead } = await deliver({ attempt, answer, maxAttempts });
    deepEqual(disposition, { outcome: "dead-lettered", reason });
    const deadAt = String(dead[0]?.options.headers?.["x-dead-at"]);
    ok(Math.abs(Date.parse(deadAt) - Date.now()) < 60_000, deadAt);
    deepEqual(dead, [
      freshMessage("send-email.dead", {
        "x-attempt": attempt,
        "x-dead-reason": reason,
        ...(lastReply === undefined ? {} : { "x-last-reply": lastReply }),
        "x-dead-at": deadAt,
      }),
    ]);
    deepEqual(retried, []);
  },
);

Deno.test("deliver() gives up a mail that cannot be written, logs where, and repeats nothing of it", async () => {
  await using log = await captureLog();
  const reason = "the mail cannot be written: TypeError";
  const { disposition, mails } = await deliver({
    compose: () => {
      throw new TypeError("Dear Bob");
    },
  });
  deepEqual(disposition, { outcome: "dead-lettered", reason });
  deepEqual(mails, []);
  const text = log.records.map(textOf).join("\n");
  match(text, /^Cannot write the mail of email 0190d6f2-.*: TypeError: …\n +at .*deliver_test\.ts/);
  ok(!text.includes("Dear Bob"));
});

Deno.test("deliver() gives up a message that is not an email, without sending", async () => {
  const content = Uint8Array.of(1, 2, 3);
  const reason = "the message is not JSON";
  const message = { ...EMAIL, content, ok: false, error: reason } as const;
  const { disposition, mails, dead } = await deliver({ message });
  deepEqual(disposition, { outcome: "dead-lettered", reason });
  deepEqual([mails, dead.map((message) => message.content)], [[], [content]]);
});

const NOT_CONFIRMED: readonly PublishOutcome[] = [
  { status: "returned" },
  { status: "rejected" },
  { status: "unconfirmed", timeoutMs: 5 },
  { status: "blocked", reason: "low on disk" },
  { status: "disconnected", reason: "gone" },
];

for (
  // Unsent mails, and why they are republished.
  const { answer, reason } of [
    { answer: DEFERRED, reason: "451 later" },
    { answer: REJECTED, reason: "refused for good: 550 unknown" },
    { answer: UNUSABLE, reason: "535 wrong password" },
  ]
) {
  Deno.test.each(NOT_CONFIRMED)(
    `deliver() keeps the message of a mail that is ${answer.status} when the fresh one is $status`,
    async (outcome) => {
      const { disposition } = await deliver({ answer, published: [outcome, outcome] });
      deepEqual(disposition, {
        outcome: "requeued",
        reason: `${reason}; ${describeOutcome(outcome)}`,
        isSafe: false,
      });
    },
  );

  Deno.test(`deliver() publishes a returned message again, since the queue is redeclared (${answer.status})`, async () => {
    const { disposition, retried, dead } = await deliver({
      answer,
      published: [{ status: "returned" }, { status: "confirmed" }, { status: "rejected" }],
    });
    ok(disposition.outcome !== "requeued" || disposition.isSafe);
    equal([...retried, ...dead].length, 2);
  });

  Deno.test(`deliver() publishes nothing when the channel closed before the mail was ${answer.status}`, async () => {
    const closing = new AbortController();
    const { disposition, retried, dead, pauses } = await deliver({
      answer,
      signal: closing.signal,
      onSend: (signal) => {
        equal(signal, closing.signal);
        closing.abort();
      },
    });
    ok(disposition.outcome === "requeued" && !disposition.isSafe);
    deepEqual([retried, dead, pauses], [[], [], []]);
  });
}

Deno.test.each([
  ["could not begin, without a pause", { answer: POSTPONED }, POSTPONED.reason, 1, false],
  ["nobody can send, and begins a pause", { answer: UNUSABLE }, UNUSABLE.reason, 1, true],
  ["comes in a pause", { pausedBecause: "no mails" }, "no mails", 0, false],
])(
  "deliver() puts a mail back at the same attempt that %s",
  async (_what, circumstances, reason, mailCount, beginsPause) => {
    const { disposition, mails, pauses, retried, dead } = await deliver({
      attempt: 2,
      ...circumstances,
    });
    deepEqual(disposition, { outcome: "requeued", reason, isSafe: true });
    equal(mails.length, mailCount);
    deepEqual(retried, [freshMessage("send-email", { "x-attempt": 2 })]);
    deepEqual([pauses, dead], [beginsPause ? [reason] : [], []]);
  },
);

Deno.test("deliver() does nothing with a message that was already redelivered", async () => {
  const { disposition, mails, retried, dead } = await deliver({ signal: AbortSignal.abort() });
  ok(disposition.outcome === "requeued" && !disposition.isSafe);
  deepEqual([mails, retried, dead], [[], [], []]);
});
