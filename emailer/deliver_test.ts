import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  describeOutcome,
  type Publication,
  type Publisher,
  type PublishOutcome,
} from "@playground/shared/amqp";
import { EXAMPLE_DOCUMENT } from "@playground/shared/testing";
import { createDelivery, type DeliveryOptions } from "./deliver.ts";
import { composeMail, type Mail } from "./mail.ts";
import type { QueuedEmail, QueuedMessage } from "./queued_email.ts";
import { Republisher, type RepublisherOptions, type RetryPolicy } from "./republish.ts";
import type { SendOutcome } from "./send_outcome.ts";

const EMAIL: QueuedEmail = {
  document: EXAMPLE_DOCUMENT,
  emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
  messageId: "<0190d6f2-8c1a-7a60-8000-000000000001@example.com>",
  date: new Date("2026-11-24T12:34:56.789Z"),
  attempt: 1,
  content: new TextEncoder().encode(JSON.stringify(EXAMPLE_DOCUMENT)),
};

const DEFERRED = { status: "deferred", reason: "451 later", replyCode: 451 } as const;
const REJECTED = { status: "rejected", reason: "550 unknown", replyCode: 550 } as const;
const UNUSABLE = { status: "unusable", reason: "535 wrong password", replyCode: 535 } as const;
const POSTPONED = { status: "postponed", reason: "the mail could not begin in time" } as const;
const ACCEPTED: SendOutcome = { status: "accepted", replyCode: 250 };

/** Takes publications, all of which come to the same. */
function fakePublisher(outcome: PublishOutcome = { status: "confirmed" }) {
  const publications: Publication[] = [];
  const publisher: Publisher = {
    publish: (publication) => {
      publications.push(publication);
      return Promise.resolve(outcome);
    },
  };
  return { publications, publisher };
}

const POLICY: RetryPolicy = {
  delays: [{ text: "1s", milliseconds: 1_000 }, { text: "5s", milliseconds: 5_000 }],
  maxAttempts: 3,
};

/** A delivery among fakes: a mail server that gives these answers one after the other, and publishers with these outcomes. */
function deliveryWith(
  answers: readonly SendOutcome[],
  { retryOutcome, deadLetterOutcome, republishing, ...options }: Partial<DeliveryOptions> & {
    readonly retryOutcome?: PublishOutcome;
    readonly deadLetterOutcome?: PublishOutcome;
    readonly republishing?: Partial<RepublisherOptions>;
  } = {},
) {
  const mails: Mail[] = [];
  const remaining = [...answers];
  const retries = fakePublisher(retryOutcome);
  const deadLetters = fakePublisher(deadLetterOutcome);
  const pauses: string[] = [];
  const deliver = createDelivery({
    transport: {
      send: (mail) => {
        mails.push(mail);
        const answer = remaining.shift();
        return answer === undefined
          ? Promise.reject(new Error("sent too often"))
          : Promise.resolve(answer);
      },
    },
    republisher: new Republisher({
      retryPublisher: retries.publisher,
      deadLetterPublisher: deadLetters.publisher,
      policy: POLICY,
      appId: "emailer/1.2.3",
      now: () => Date.UTC(2026, 10, 24, 13),
      ...republishing,
    }),
    compose: composeMail,
    pause: { reason: undefined, begin: (reason) => pauses.push(reason) },
    ...options,
  });
  return {
    deliver: (email: Partial<QueuedEmail> = {}, signal = new AbortController().signal) =>
      deliver({ ok: true, email: { ...EMAIL, ...email } }, signal),
    deliverUnreadable: (message: QueuedMessage) => deliver(message, new AbortController().signal),
    mails,
    retried: retries.publications,
    dead: deadLetters.publications,
    pauses,
  };
}

function only<Item>([item, ...others]: readonly Item[]): Item {
  ok(item !== undefined && others.length === 0);
  return item;
}

Deno.test("deliver() sends the mail and publishes nothing when it is accepted", async () => {
  const { deliver, mails, retried, dead } = deliveryWith([ACCEPTED]);
  deepEqual(await deliver(), { outcome: "delivered" });
  const { raw, envelope } = only(mails);
  deepEqual(envelope, { from: "sender@example.com", to: ["recipient@example.com"] });
  const text = new TextDecoder().decode(raw);
  match(text, /^Message-ID: <0190d6f2-8c1a-7a60-8000-000000000001@example\.com>\r$/m);
  match(text, /^Date: Tue, 24 Nov 2026 12:34:56 \+0000\r$/m);
  deepEqual([retried, dead], [[], []]);
});

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
      appId: "emailer/1.2.3",
      messageId: EMAIL.emailId,
      timestamp: 1_795_523_696,
      headers: { "x-mail-message-id": EMAIL.messageId, ...headers },
    },
  };
}

for (
  const { attempt, queue, maxAttempts = 3 } of [
    { attempt: 1, queue: "send-email.retry.1s" },
    { attempt: 2, queue: "send-email.retry.5s" },
    { attempt: 9, queue: "send-email.retry.5s", maxAttempts: 10 },
  ]
) {
  Deno.test(`deliver() lets a mail that is deferred at attempt ${attempt} of ${maxAttempts} wait in ${queue}`, async () => {
    const { deliver, retried, dead } = deliveryWith([DEFERRED], {
      republishing: { policy: { ...POLICY, maxAttempts } },
    });
    deepEqual(await deliver({ attempt }), { outcome: "retried", reason: "451 later" });
    deepEqual(only(retried), freshMessage(queue, { "x-attempt": attempt + 1 }));
    deepEqual(dead, []);
  });
}

const CONNECTION_RESET = { status: "deferred", reason: "connection reset" } as const;

for (
  const { what, answer, attempt = 1, maxAttempts = 3, reason, lastReply } of [
    {
      what: "is rejected",
      answer: REJECTED,
      reason: "refused for good: 550 unknown",
      lastReply: "550 unknown",
    },
    {
      what: "is deferred at its last attempt",
      answer: DEFERRED,
      attempt: 3,
      reason: "gave up after 3 attempts: 451 later",
      lastReply: "451 later",
    },
    {
      what: "the mail server says nothing to",
      answer: CONNECTION_RESET,
      maxAttempts: 1,
      reason: "gave up after 1 attempt: connection reset",
    },
  ]
) {
  Deno.test(`deliver() gives a mail up that ${what}`, async () => {
    const { deliver, retried, dead } = deliveryWith([answer], {
      republishing: { policy: { ...POLICY, maxAttempts } },
    });
    deepEqual(await deliver({ attempt }), { outcome: "dead-lettered", reason });
    deepEqual(
      only(dead),
      freshMessage("send-email.dead", {
        "x-attempt": attempt,
        "x-dead-reason": reason,
        ...(lastReply === undefined ? {} : { "x-last-reply": lastReply }),
        "x-dead-at": "2026-11-24T13:00:00.000Z",
      }),
    );
    deepEqual(retried, []);
  });
}

Deno.test("deliver() gives a message up that is no email, without sending", async () => {
  const { deliverUnreadable, mails, dead } = deliveryWith([]);
  const content = Uint8Array.of(1, 2, 3);
  const facts = { ...EMAIL, content };
  deepEqual(await deliverUnreadable({ ok: false, facts, error: "the message is not JSON" }), {
    outcome: "dead-lettered",
    reason: "the message is not JSON",
  });
  equal(only(dead).content, content);
  deepEqual(mails, []);
});

/** What is not sent, and why it is published anew. */
const UNSENT = [
  { answer: DEFERRED, reason: "451 later" },
  { answer: REJECTED, reason: "refused for good: 550 unknown" },
  { answer: UNUSABLE, reason: "535 wrong password" },
] as const;

const NOT_CONFIRMED: readonly PublishOutcome[] = [
  { status: "returned" },
  { status: "rejected" },
  { status: "unconfirmed", timeoutMs: 5 },
  { status: "blocked", reason: "low on disk" },
  { status: "disconnected", reason: "gone" },
];

for (const { answer, reason } of UNSENT) {
  for (const outcome of NOT_CONFIRMED) {
    Deno.test(`deliver() keeps the message of a mail that is ${answer.status} when the fresh one is ${outcome.status}`, async () => {
      const { deliver } = deliveryWith([answer], {
        retryOutcome: outcome,
        deadLetterOutcome: outcome,
      });
      deepEqual(await deliver(), {
        outcome: "requeued",
        reason: `${reason}; ${describeOutcome(outcome)}`,
        isSafe: false,
      });
    });
  }

  Deno.test(`deliver() publishes once more what no queue took, since the queue is declared again (${answer.status})`, async () => {
    const outcomes: PublishOutcome[] = [{ status: "returned" }, { status: "confirmed" }];
    const publisher: Publisher = {
      publish: () => Promise.resolve(outcomes.shift() ?? { status: "rejected" }),
    };
    const { deliver } = deliveryWith([answer], {
      republishing: { retryPublisher: publisher, deadLetterPublisher: publisher },
    });
    const disposition = await deliver();
    ok(disposition.outcome !== "requeued" || disposition.isSafe);
    deepEqual(outcomes, []);
  });

  Deno.test(`deliver() publishes nothing when the channel closed before the mail was ${answer.status}`, async () => {
    const closing = new AbortController();
    const { deliver, retried, dead, pauses } = deliveryWith([], {
      transport: {
        send: (_mail, signal) => {
          equal(signal, closing.signal);
          closing.abort();
          return Promise.resolve(answer);
        },
      },
    });
    const disposition = await deliver({}, closing.signal);
    ok(disposition.outcome === "requeued" && !disposition.isSafe);
    deepEqual([retried, dead, pauses], [[], [], []]);
  });
}

for (
  const { answer, begun } of [
    { answer: POSTPONED, begun: [] },
    { answer: UNUSABLE, begun: ["535 wrong password"] },
  ]
) {
  const pause = begun.length === 0 ? "without a pause" : "and begins a pause";
  Deno.test(`deliver() puts a mail back at the same attempt that is ${answer.status}, ${pause}`, async () => {
    const { deliver, mails, pauses, retried, dead } = deliveryWith([answer]);
    deepEqual(await deliver({ attempt: 2 }), {
      outcome: "requeued",
      reason: answer.reason,
      isSafe: true,
    });
    equal(mails.length, 1);
    deepEqual(only(retried), freshMessage("send-email", { "x-attempt": 2 }));
    deepEqual([pauses, dead], [begun, []]);
  });
}

Deno.test("deliver() sends nothing during a pause, and puts the message back", async () => {
  const { deliver, mails, retried } = deliveryWith([], {
    pause: { reason: "535 wrong password", begin: () => {} },
  });
  deepEqual(await deliver(), { outcome: "requeued", reason: "535 wrong password", isSafe: true });
  equal(only(retried).routingKey, "send-email");
  deepEqual(mails, []);
});

Deno.test("deliver() sends nothing when the message is somebody else's already", async () => {
  const { deliver, mails, retried, dead } = deliveryWith([]);
  const disposition = await deliver({}, AbortSignal.abort());
  ok(disposition.outcome === "requeued" && !disposition.isSafe);
  deepEqual([mails, retried, dead], [[], [], []]);
});
