import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConsumeMessage, GetMessage } from "amqplib";
import {
  contract,
  deadLetterTo,
  drain,
  fill,
  isConfirmed,
  messagesWait,
  next,
  QUORUM,
  take,
  until,
} from "../../fixture/amqp.ts";

/** The headers of a death, without its time. */
function withoutTime(properties: GetMessage["properties"]): unknown {
  const { "x-death": deaths, ...headers } = properties.headers ?? {};
  return { ...headers, "x-death": deaths?.map(({ time: _, ...death }) => death) };
}

contract("a rejected message is dead-lettered with x-death", async (bench) => {
  const channel = await bench.channel();
  const dead = await bench.queue(channel, {}, "dead");
  const queue = await bench.queue(channel, deadLetterTo(dead));
  channel.sendToQueue(queue, Buffer.from("a"), { headers: { kept: 1 } });
  await channel.waitForConfirms();
  channel.reject(await next(channel, queue), false);
  const letter = await next(channel, dead);
  assert.equal(letter.content.toString(), "a");
  assert.equal(letter.fields.redelivered, false);
  assert.deepEqual(withoutTime(letter.properties), {
    kept: 1,
    "x-delivery-count": 0,
    "x-first-death-reason": "rejected",
    "x-first-death-queue": queue,
    "x-first-death-exchange": "",
    "x-death": [{ count: 1, reason: "rejected", queue, exchange: "", "routing-keys": [queue] }],
  });
});

contract("an expired message is dead-lettered, each time", async (bench) => {
  const channel = await bench.channel();
  const work = bench.queueName("work");
  const table = { "x-message-ttl": 100, ...deadLetterTo(work) };
  const retry = await bench.queue(channel, table, "retry");
  await channel.assertQueue(work, { arguments: deadLetterTo(retry) });
  await fill(channel, retry, "a");
  channel.reject(await next(channel, work), false);
  const letter = await next(channel, work);
  assert.deepEqual(withoutTime(letter.properties), {
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

contract("an automatic dead-letter cycle ends", async (bench) => {
  const channel = await bench.channel();
  const name = bench.queueName();
  const queue = await bench.queue(channel, { "x-message-ttl": 100, ...deadLetterTo(name) });
  await fill(channel, queue, "a");
  await messagesWait(channel, queue, 0);
  // What comes from another queue arrives, and it arrives alone.
  const watch = await bench.queue(channel, { "x-message-ttl": 300, ...deadLetterTo(name) }, "w");
  await fill(channel, watch, "b");
  assert.equal(await drain(channel, queue, 1), "b0");
});

contract("a dead letter keeps its routing key without x-dead-letter-routing-key", async (bench) => {
  const channel = await bench.channel();
  const exchange = await bench.exchange(channel);
  const dead = await bench.queue(channel, {}, "dead");
  await channel.bindQueue(dead, exchange, "#");
  const queue = await bench.queue(channel, { "x-dead-letter-exchange": exchange });
  await fill(channel, queue, "a");
  channel.nack(await next(channel, queue), false, false);
  const { fields } = await next(channel, dead);
  assert.equal(fields.exchange, exchange);
  assert.equal(fields.routingKey, queue);
});

contract("a message beyond the delivery limit is dead-lettered", async (bench) => {
  const channel = await bench.channel();
  const dead = await bench.queue(channel, {}, "dead");
  const queue = await bench.queue(channel, {
    "x-delivery-limit": 2,
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    ...deadLetterTo(dead),
  });
  const counts: unknown[] = [];
  await channel.consume(queue, (message) => {
    if (message === null) return;
    counts.push(message.properties.headers?.["x-delivery-count"]);
    channel.nack(message);
  });
  await fill(channel, queue, "a");
  const letter = await next(channel, dead);
  assert.deepEqual(counts, [undefined, 1, 2]);
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

contract("a full queue with reject-publish nacks", async (bench) => {
  const channel = await bench.channel();
  const full = { "x-max-length": 2, "x-overflow": "reject-publish" };
  const queue = await bench.queue(channel, full);
  const confirmed: boolean[] = [];
  for (const body of "1234") confirmed.push(await isConfirmed(channel, queue, body));
  assert.deepEqual(confirmed, [true, true, true, false]);
  for (const message of await take(channel, queue, 2)) channel.ack(message);
  // RabbitMQ takes messages again once the queue is well below its limit.
  await until("room", async () => await isConfirmed(channel, queue, "5") || undefined);
});

// The system's own topology

contract("the retry topology brings a message back after its delay", async (bench) => {
  const channel = await bench.channel();
  const rpc = await bench.exchange(channel, "rpc");
  const dead = bench.queueName("send-email.dead");
  const work = bench.queueName("send-email");
  const retry = bench.queueName("send-email.retry.300ms");
  const safe = { "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish" };
  const declare = async () => {
    await channel.assertQueue(dead, { arguments: QUORUM });
    await channel.assertQueue(work, {
      arguments: { ...safe, "x-delivery-limit": 20, ...deadLetterTo(dead) },
    });
    await channel.bindQueue(work, rpc, "send.email");
    await channel.assertQueue(retry, {
      arguments: {
        ...QUORUM,
        ...safe,
        "x-message-ttl": 300,
        "x-dead-letter-exchange": rpc,
        "x-dead-letter-routing-key": "send.email",
      },
    });
  };
  await declare();
  await declare();
  const attempts: ConsumeMessage[] = [];
  const failedAtMs: number[] = [];
  await channel.prefetch(8);
  await channel.consume(work, async (message) => {
    if (message === null) return;
    attempts.push(message);
    const attempt = Number(message.properties.headers?.["x-attempt"]);
    const target = attempt < 3 ? retry : dead;
    failedAtMs.push(Date.now());
    const headers = { "x-attempt": attempt + 1, "X-B3-Sampled": "1" };
    assert.ok(await isConfirmed(channel, target, String(message.content), headers));
    channel.ack(message);
  });
  const headers = { "x-attempt": 1, "X-B3-Sampled": "1" };
  channel.publish(rpc, "send.email", Buffer.from("mail"), { persistent: true, headers });
  const letter = await next(channel, dead);
  assert.equal(letter.content.toString(), "mail");
  assert.equal(letter.properties.headers?.["x-death"], undefined);
  assert.equal(attempts.length, 3);
  const [first = 0, second = 0, third = 0] = failedAtMs;
  assert.ok(second - first >= 295 && second - first < 2_000, `came back after ${second - first}`);
  assert.ok(third - second >= 295 && third - second < 2_000, `came back after ${third - second}`);
  for (const { fields } of attempts) {
    assert.deepEqual([fields.exchange, fields.routingKey], [rpc, "send.email"]);
  }
  await until("the last acknowledgement", async () => {
    const other = await bench.channel();
    return (await other.checkQueue(work)).messageCount === 0 || undefined;
  });
});

contract("a copied x-death makes the broker hold or drop a message as a cycle", async (bench) => {
  const channel = await bench.channel();
  const work = await bench.queue(channel, {}, "work");
  const table = { "x-message-ttl": 100, ...deadLetterTo(work) };
  const retry = await bench.queue(channel, table, "retry");
  const copied = { "x-death": [{ count: 1, reason: "delivery_limit", queue: work }] };
  channel.sendToQueue(retry, Buffer.from("copied"), { headers: copied });
  channel.sendToQueue(retry, Buffer.from("fresh"), {});
  await channel.waitForConfirms();
  assert.equal((await next(channel, work)).content.toString(), "fresh");
  assert.equal(await channel.get(work), false);
});
