import assert from "node:assert/strict";
import { waitFor } from "@playground/shared/testing";
import type { ConsumeMessage, GetMessage } from "amqplib";
import {
  AT_LEAST_ONCE,
  contract,
  deadLetterTo,
  fill,
  messagesWait,
  next,
  take,
} from "../../fixture/amqp.ts";

/** The headers of a death, without its time. */
function withoutTime(properties: GetMessage["properties"]): unknown {
  const { "x-death": deaths, ...headers } = properties.headers ?? {};
  return { ...headers, "x-death": deaths?.map(({ time: _, ...death }) => death) };
}

contract("expired and rejected messages are dead-lettered with x-death", async (bench, channel) => {
  const work = bench.queueName("work");
  const table = { "x-message-ttl": 100, ...deadLetterTo(work) };
  const retry = await bench.queue(channel, table, "retry");
  await channel.assertQueue(work, { arguments: deadLetterTo(retry) });
  const publishedAtMs = Date.now();
  await fill(channel, retry, "a", { kept: 1 });
  channel.reject(await next(channel, work), false);
  const letter = await next(channel, work);
  assert.ok(Date.now() - publishedAtMs >= 190, "it waited both times");
  assert.deepEqual([String(letter.content), letter.fields.redelivered], ["a", false]);
  assert.deepEqual(withoutTime(letter.properties), {
    kept: 1,
    "x-delivery-count": 0,
    "x-first-death-reason": "expired",
    "x-first-death-queue": retry,
    "x-first-death-exchange": "",
    "x-death": [
      { count: 2, reason: "expired", queue: retry, exchange: "", "routing-keys": [retry] },
      { count: 1, reason: "rejected", queue: work, exchange: "", "routing-keys": [work] },
    ],
  });
});

contract("an automatic dead-letter cycle ends", async (bench, channel) => {
  const name = bench.queueName();
  const queue = await bench.queue(channel, { "x-message-ttl": 100, ...deadLetterTo(name) });
  await fill(channel, queue, "a");
  await messagesWait(channel, queue, 0);
  // Only the message from another queue arrives.
  const watch = await bench.queue(channel, { "x-message-ttl": 300, ...deadLetterTo(name) }, "w");
  // A consumer: it would expire between two looks.
  const { promise: received, resolve } = Promise.withResolvers<ConsumeMessage | null>();
  await channel.consume(queue, resolve);
  await fill(channel, watch, "b");
  assert.equal((await received)?.content.toString(), "b");
});

contract("a dead letter keeps its routing key unless it gets another", async (bench, channel) => {
  const exchange = await bench.exchange(channel);
  const dead = await bench.queue(channel, {}, "dead");
  const queue = await bench.queue(channel, { "x-dead-letter-exchange": exchange });
  await channel.bindQueue(dead, exchange, queue);
  await fill(channel, queue, "a");
  channel.nack(await next(channel, queue), false, false);
  const { fields } = await next(channel, dead);
  assert.equal(fields.exchange, exchange);
  assert.equal(fields.routingKey, queue);
});

contract("a message beyond the delivery limit is dead-lettered", async (bench, channel) => {
  const dead = await bench.queue(channel, {}, "dead");
  const queue = await bench.queue(channel, {
    "x-delivery-limit": 2,
    ...AT_LEAST_ONCE,
    ...deadLetterTo(dead),
  });
  const counts: unknown[] = [];
  await channel.consume(queue, (message) => {
    if (message === null) return;
    counts.push([message.fields.redelivered, message.properties.headers?.["x-delivery-count"]]);
    channel.nack(message);
  });
  await fill(channel, queue, "a");
  const letter = await next(channel, dead);
  assert.deepEqual(counts, [[false, undefined], [true, 1], [true, 2]]);
  assert.deepEqual(withoutTime(letter.properties), {
    "x-delivery-count": 0,
    "x-first-death-reason": "delivery_limit",
    "x-first-death-queue": queue,
    "x-first-death-exchange": "",
    "x-death": [
      { count: 1, reason: "delivery_limit", queue, exchange: "", "routing-keys": [queue] },
    ],
  });
});

contract("a full queue with reject-publish nacks", async (bench, channel) => {
  const full = { "x-max-length": 2, "x-overflow": "reject-publish" };
  const queue = await bench.queue(channel, full);
  const isConfirmed = () => fill(channel, queue, "a").then(() => true, () => false);
  for (const isRoom of [true, true, true, false]) assert.equal(await isConfirmed(), isRoom);
  for (const message of await take(channel, queue, 2)) channel.ack(message);
  // RabbitMQ takes messages again once the queue is well below its limit.
  await waitFor("there is room", isConfirmed);
});

contract("a copied x-death makes the broker hold or drop a message", async (bench, channel) => {
  const work = await bench.queue(channel, {}, "work");
  const table = { "x-message-ttl": 100, ...deadLetterTo(work) };
  const retry = await bench.queue(channel, table, "retry");
  const copied = { "x-death": [{ count: 1, reason: "delivery_limit", queue: work }] };
  await fill(channel, retry, ["copied"], copied);
  await fill(channel, retry, ["fresh"]);
  assert.equal((await next(channel, work)).content.toString(), "fresh");
  assert.equal(await channel.get(work), false);
});
