import { deepEqual, equal, ok } from "node:assert/strict";
import { emailIdOf, type Publication, type PublishOutcome } from "@playground/shared/amqp";
import { fetchedMessage } from "@playground/shared/testing";
import type { GetMessage } from "amqplib";
import { requeue } from "./requeue.ts";

const ID = "11111111-2222-4333-8444-555555555555";

/** What {@linkcode requeue} needs; `log` holds the calls in order. */
function bench(
  publish: () => Promise<PublishOutcome> = () => Promise.resolve({ status: "confirmed" }),
) {
  const log: string[] = [];
  const published: Publication[] = [];
  const options = {
    remove: ({ fields }: GetMessage) => {
      log.push(`removed ${fields.deliveryTag}`);
      return Promise.resolve();
    },
    publisher: {
      publish: async (publication: Publication) => {
        published.push(publication);
        const outcome = await publish();
        log.push(outcome.status);
        return outcome;
      },
    },
    appId: "dead-letters/1",
  };
  return { log, published, options };
}

function numbered(count: number): readonly GetMessage[] {
  return Array.from({ length: count }, (_, index) => fetchedMessage({}, index + 1));
}

Deno.test("requeue() publishes a fresh message with only our own headers", async () => {
  const message = fetchedMessage({
    headers: {
      "X-B3-TraceId": "a".repeat(32),
      "X-B3-SpanId": "b".repeat(16),
      "x-attempt": 6,
      "x-mail-message-id": `<${ID}@example.com>`,
      "x-dead-reason": "550",
      "x-last-reply": "550",
      "x-dead-at": "2026-11-24T12:00:00Z",
      "x-death": [{ reason: "delivery_limit" }],
      "x-first-death-queue": "send-email",
      "x-delivery-count": 21,
    },
    properties: { messageId: ID, timestamp: 1_794_999_000, appId: "emailer/1", priority: 3 },
  });
  const { published, options } = bench();
  deepEqual(await requeue([message], options), { count: 1, failure: undefined });
  deepEqual(published, [{
    exchange: "rpc",
    routingKey: "send.email",
    content: message.content,
    options: {
      persistent: true,
      mandatory: true,
      contentType: "application/json",
      appId: "dead-letters/1",
      messageId: ID,
      timestamp: 1_794_999_000,
      headers: { "x-attempt": 1, "x-mail-message-id": `<${ID}@example.com>` },
    },
  }]);
});

Deno.test.each([
  ["no properties", undefined],
  ["a time that is no integer in JavaScript", { timestamp: 2 ** 64 - 1 }],
])(
  "requeue() publishes a message of another publisher, which set %s",
  async (_what, properties) => {
    const { published, options } = bench();
    await requeue([fetchedMessage({ properties })], options);
    const { messageId, timestamp, headers } = published[0]?.options ?? {};
    deepEqual([messageId, headers], [await emailIdOf(fetchedMessage()), { "x-attempt": 1 }]);
    ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60);
  },
);

for (
  const outcome of [
    { status: "confirmed" },
    { status: "returned" },
    { status: "rejected" },
    { status: "unconfirmed", timeoutMs: 5 },
    { status: "blocked", reason: "low on memory" },
    { status: "disconnected", reason: "gone" },
  ] as const
) {
  const isTaken = outcome.status === "confirmed";
  const what = isTaken ? "removes" : "keeps";
  Deno.test(`requeue() ${what} the dead letter when the message is ${outcome.status}`, async () => {
    const { log, options } = bench(() => Promise.resolve(outcome));
    const { count, failure } = await requeue([fetchedMessage()], options);
    deepEqual([count, failure === undefined], isTaken ? [1, true] : [0, false]);
    deepEqual(log, isTaken ? ["confirmed", "removed 1"] : [outcome.status]);
  });
}

Deno.test("requeue() pipelines the confirms, within a bound", async () => {
  let open = 0;
  let most = 0;
  const { log, options } = bench(async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve));
    open--;
    return { status: "confirmed" };
  });
  deepEqual(await requeue(numbered(500), options), { count: 500, failure: undefined });
  equal(log.filter((line) => line.startsWith("removed")).length, 500);
  ok(most > 1 && most <= 64, `${most} at once`);
});

Deno.test("requeue() ends at the first failure, since the others would fail the same way", async () => {
  const { published, options } = bench(() => Promise.resolve({ status: "returned" }));
  const { count, failure } = await requeue(numbered(500), options);
  deepEqual([count, failure?.reason], [0, "the broker returned the message: no queue is bound"]);
  ok(published.length < 100, `${published.length} were published`);
});

Deno.test("requeue() counts what it did, and says above all what may be sent again and be there still", async () => {
  const outcomes: PublishOutcome[] = [
    { status: "confirmed" },
    { status: "blocked", reason: "low on memory" },
    { status: "unconfirmed", timeoutMs: 5 },
  ];
  async function* messages() {
    yield* numbered(3);
    await Promise.reject(new Error("the connection broke"));
  }
  const id = await emailIdOf(fetchedMessage());
  const { options } = bench(() => Promise.resolve(outcomes.shift() ?? { status: "confirmed" }));
  deepEqual(await requeue(messages(), options), {
    count: 1,
    failure: {
      id,
      reason:
        "the broker did not confirm the message within 5 ms; it may be sent again all the same",
      isDoubtful: true,
    },
  });
  const remove = ({ fields }: GetMessage) =>
    fields.deliveryTag === 1 ? Promise.resolve() : Promise.reject(new Error("no answer"));
  deepEqual(await requeue(messages(), { ...options, remove }), {
    count: 1,
    failure: {
      id,
      reason: "it is sent again, but perhaps not removed: no answer",
      isDoubtful: true,
    },
  });
  deepEqual(await requeue(messages(), options), {
    count: 3,
    failure: { reason: "the connection broke" },
  });
});
