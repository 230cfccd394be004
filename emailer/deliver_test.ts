import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Publication, Publisher, PublishOutcome } from "@playground/shared/amqp";
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

const DEFERRED: SendOutcome = { status: "deferred", reason: "451 later", replyCode: 451 };
const REJECTED: SendOutcome = { status: "rejected", reason: "550 unknown", replyCode: 550 };
const UNUSABLE: SendOutcome = { status: "unusable", reason: "535 wrong password", replyCode: 535 };
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
    deepEqual(only(retried), {
      exchange: "",
      routingKey: queue,
      content: EMAIL.content,
      options: {
        persistent: true,
        mandatory: true,
        contentType: "application/json",
        appId: "emailer/1.2.3",
        messageId: EMAIL.emailId,
        timestamp: 1_795_523_696,
        headers: { "x-attempt": attempt + 1, "x-mail-message-id": EMAIL.messageId },
      },
    });
    deepEqual(dead, []);
  });
}

Deno.test("deliver() gives a mail up that is deferred at its last attempt", async () => {
  const { deliver, retried, dead } = deliveryWith([DEFERRED]);
  const reason = "gave up after 3 attempts: 451 later";
  deepEqual(await deliver({ attempt: 3 }), { outcome: "dead-lettered", reason });
  deepEqual(retried, []);
  const { headers } = only(dead).options;
  equal(headers?.["x-dead-reason"], reason);
  equal(headers?.["x-last-reply"], "451 later");
});

Deno.test("deliver() names no last reply where the mail server gave none", async () => {
  const { deliver, dead } = deliveryWith([{ status: "deferred", reason: "connection reset" }], {
    republishing: { policy: { ...POLICY, maxAttempts: 1 } },
  });
  await deliver();
  const { headers } = only(dead).options;
  equal(headers?.["x-dead-reason"], "gave up after 1 attempt: connection reset");
  equal("x-last-reply" in (headers ?? {}), false);
});

Deno.test("deliver() gives a mail up that cannot be written, and tells nothing of its content", async () => {
  const { deliver, mails, retried, dead } = deliveryWith([], {
    compose: () => {
      throw new TypeError("a bug");
    },
  });
  deepEqual(await deliver(), {
    outcome: "dead-lettered",
    reason: "the mail cannot be written; the emailer's log says why",
  });
  match(String(only(dead).options.headers?.["x-dead-reason"]), /^the mail cannot be written/);
  deepEqual([mails, retried], [[], []]);
});

Deno.test("deliver() gives a mail up that is rejected, with the reason and our own headers alone", async () => {
  const { deliver, retried, dead } = deliveryWith([REJECTED]);
  deepEqual(await deliver(), { outcome: "dead-lettered", reason: "refused for good: 550 unknown" });
  deepEqual(only(dead), {
    exchange: "",
    routingKey: "send-email.dead",
    content: EMAIL.content,
    options: {
      persistent: true,
      mandatory: true,
      contentType: "application/json",
      appId: "emailer/1.2.3",
      messageId: EMAIL.emailId,
      timestamp: 1_795_523_696,
      headers: {
        "x-attempt": 1,
        "x-mail-message-id": EMAIL.messageId,
        "x-dead-reason": "refused for good: 550 unknown",
        "x-last-reply": "550 unknown",
        "x-dead-at": "2026-11-24T13:00:00.000Z",
      },
    },
  });
  deepEqual(retried, []);
});

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

const NOT_CONFIRMED: readonly [outcome: PublishOutcome, reason: RegExp][] = [
  [{ status: "returned" }, /returned/],
  [{ status: "rejected" }, /rejected/],
  [{ status: "unconfirmed", timeoutMs: 5 }, /did not confirm .* within 5 ms/],
  [{ status: "blocked", reason: "low on disk" }, /low on disk/],
  [{ status: "disconnected", reason: "gone" }, /cannot be reached: gone/],
];

for (const [publishOutcome, reason] of NOT_CONFIRMED) {
  Deno.test(`deliver() requeues when the retry is ${publishOutcome.status}`, async () => {
    const { deliver } = deliveryWith([DEFERRED], { retryOutcome: publishOutcome });
    const disposition = await deliver();
    ok(disposition.outcome === "requeued");
    match(disposition.reason, /^451 later; /);
    match(disposition.reason, reason);
  });

  Deno.test(`deliver() requeues when the dead letter is ${publishOutcome.status}`, async () => {
    const { deliver } = deliveryWith([REJECTED], { deadLetterOutcome: publishOutcome });
    const disposition = await deliver();
    ok(disposition.outcome === "requeued");
    match(disposition.reason, /^refused for good: 550 unknown; /);
    match(disposition.reason, reason);
  });
}

for (const answer of [DEFERRED, REJECTED, UNUSABLE]) {
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
}

Deno.test("deliver() puts a mail back at the same attempt that could not begin in time, without a pause", async () => {
  const { deliver, pauses, retried, dead } = deliveryWith([
    { status: "postponed", reason: "the mail could not begin within 840000 ms" },
  ]);
  deepEqual(await deliver({ attempt: 2 }), {
    outcome: "requeued",
    reason: "the mail could not begin within 840000 ms",
    isSafe: true,
  });
  const { routingKey, options } = only(retried);
  equal(routingKey, "send-email");
  deepEqual(options.headers, { "x-attempt": 2, "x-mail-message-id": EMAIL.messageId });
  deepEqual([pauses, dead], [[], []]);
});

Deno.test("deliver() begins a pause when no mail can be sent, and puts the message back at the same attempt", async () => {
  const { deliver, mails, pauses, retried, dead } = deliveryWith([UNUSABLE]);
  deepEqual(await deliver({ attempt: 2 }), {
    outcome: "requeued",
    reason: "535 wrong password",
    isSafe: true,
  });
  deepEqual(pauses, ["535 wrong password"]);
  equal(mails.length, 1);
  const { exchange, routingKey, options } = only(retried);
  deepEqual([exchange, routingKey], ["", "send-email"]);
  deepEqual(options.headers, { "x-attempt": 2, "x-mail-message-id": EMAIL.messageId });
  deepEqual(dead, []);
});

Deno.test("deliver() sends nothing during a pause, and puts the message back", async () => {
  const { deliver, mails, retried } = deliveryWith([], {
    pause: { reason: "535 wrong password", begin: () => {} },
  });
  deepEqual(await deliver(), { outcome: "requeued", reason: "535 wrong password", isSafe: true });
  equal(only(retried).routingKey, "send-email");
  deepEqual(mails, []);
});

Deno.test("deliver() keeps a message that cannot be put back", async () => {
  const { deliver } = deliveryWith([UNUSABLE], { retryOutcome: { status: "rejected" } });
  const disposition = await deliver();
  ok(disposition.outcome === "requeued" && !disposition.isSafe);
  match(disposition.reason, /^535 wrong password; the broker rejected/);
});

Deno.test("deliver() sends nothing when the message is somebody else's already", async () => {
  const { deliver, mails, retried, dead } = deliveryWith([]);
  const disposition = await deliver({}, AbortSignal.abort());
  ok(disposition.outcome === "requeued" && !disposition.isSafe);
  deepEqual([mails, retried, dead], [[], [], []]);
});

for (const answer of [DEFERRED, REJECTED, UNUSABLE]) {
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
