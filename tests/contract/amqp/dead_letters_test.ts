import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel, ConsumeMessage, GetMessage } from "amqplib";
import {
  type Arguments,
  contract,
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

for (const [kind, table] of Object.entries({ classic: {}, quorum: QUORUM })) {
  const counted = kind === "quorum" ? { "x-delivery-count": 0 } : {};

  contract(`a rejected message of a ${kind} queue is dead-lettered with x-death`, async (bench) => {
    const channel = await bench.channel();
    const dead = await bench.queue(channel, table, "dead");
    const queue = await bench.queue(channel, {
      ...table,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": dead,
    });
    channel.sendToQueue(queue, Buffer.from("a"), { expiration: "60000", headers: { kept: 1 } });
    await channel.waitForConfirms();
    channel.reject(await next(channel, queue), false);
    const letter = await next(channel, dead);
    assert.equal(letter.content.toString(), "a");
    assert.equal(letter.fields.redelivered, false);
    assert.equal(letter.properties.expiration, undefined);
    assert.deepEqual(withoutTime(letter.properties), {
      kept: 1,
      ...counted,
      "x-first-death-reason": "rejected",
      "x-first-death-queue": queue,
      "x-first-death-exchange": "",
      "x-death": [{
        count: 1,
        reason: "rejected",
        queue,
        exchange: "",
        "routing-keys": [queue],
        "original-expiration": "60000",
      }],
    });
  });

  contract(`an expired message of a ${kind} queue is dead-lettered, each time`, async (bench) => {
    const channel = await bench.channel();
    const work = bench.queueName("work");
    const retry = await bench.queue(channel, {
      ...table,
      "x-message-ttl": 100,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": work,
    }, "retry");
    await channel.assertQueue(work, {
      arguments: {
        ...table,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": retry,
      },
    });
    await fill(channel, retry, "a");
    channel.reject(await next(channel, work), false);
    const letter = await next(channel, work);
    assert.deepEqual(withoutTime(letter.properties), {
      ...counted,
      "x-first-death-reason": "expired",
      "x-first-death-queue": retry,
      "x-first-death-exchange": "",
      "x-death": [
        { count: 2, reason: "expired", queue: retry, exchange: "", "routing-keys": [retry] },
        { count: 1, reason: "rejected", queue: work, exchange: "", "routing-keys": [work] },
      ],
    });
  });

  contract(`a message's own expiration counts in a ${kind} queue`, async (bench) => {
    const channel = await bench.channel();
    const dead = await bench.queue(channel, table, "dead");
    const queue = await bench.queue(channel, {
      ...table,
      "x-message-ttl": 60_000,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": dead,
    });
    channel.sendToQueue(queue, Buffer.from("a"), { expiration: 100 });
    await channel.waitForConfirms();
    const letter = await next(channel, dead);
    assert.equal(letter.properties.headers?.["x-death"]?.[0]?.reason, "expired");
  });

  contract(`an automatic dead-letter cycle of a ${kind} queue ends`, async (bench) => {
    const channel = await bench.channel();
    const name = bench.queueName();
    const queue = await bench.queue(channel, {
      ...table,
      "x-message-ttl": 100,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": name,
    });
    await fill(channel, queue, "a");
    await messagesWait(channel, queue, 0);
    // What comes from another queue arrives, and it arrives alone.
    const watch = await bench.queue(channel, { "x-message-ttl": 300, ...deadLetterTo(name) }, "w");
    await fill(channel, watch, "b");
    assert.equal(await drain(channel, queue, 1), kind === "quorum" ? "b0" : "b");
  });
}

function deadLetterTo(queue: string): Arguments {
  return { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue };
}

contract("a dead letter keeps its routing key without x-dead-letter-routing-key", async (bench) => {
  const channel = await bench.channel();
  const exchange = await bench.exchange(channel, "topic");
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
  const dead = await bench.queue(channel, QUORUM, "dead");
  const queue = await bench.queue(channel, {
    ...QUORUM,
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

for (
  const [kind, table, accepted] of [
    ["classic", {}, [true, true, false, false]],
    ["quorum", QUORUM, [true, true, true, false]],
  ] as const
) {
  contract(`a full ${kind} queue with reject-publish nacks`, async (bench) => {
    const channel = await bench.channel();
    const full = { ...table, "x-max-length": 2, "x-overflow": "reject-publish" };
    const queue = await bench.queue(channel, full);
    const confirmed: boolean[] = [];
    for (const body of "1234") confirmed.push(await isConfirmed(channel, queue, body));
    assert.deepEqual(confirmed, accepted);
    for (const message of await take(channel, queue, 2)) channel.ack(message);
    // A quorum queue of RabbitMQ takes messages again once it is well below its limit.
    await until("room", async () => await isConfirmed(channel, queue, "5") || undefined);
  });
}

// The system's own topology

contract("the retry topology brings a message back after its delay", async (bench) => {
  const channel = await bench.channel();
  const rpc = await bench.exchange(channel, "topic", "rpc");
  const dead = bench.queueName("send-email.dead");
  const work = bench.queueName("send-email");
  const retry = bench.queueName("send-email.retry.300ms");
  const safe = { "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish" };
  const declare = async () => {
    await channel.assertQueue(dead, { arguments: QUORUM });
    await channel.assertQueue(work, {
      arguments: { ...QUORUM, ...safe, "x-delivery-limit": 20, ...deadLetterTo(dead) },
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
    assert.ok(await publishFresh(channel, target, message.content, headers));
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

function publishFresh(
  channel: ConfirmChannel,
  queue: string,
  content: Buffer,
  headers: Arguments,
): Promise<boolean> {
  return new Promise((resolve) => {
    channel.sendToQueue(queue, content, { persistent: true, headers }, (error) => {
      resolve(error === null);
    });
  });
}

contract("a copied x-death makes the broker hold or drop a message as a cycle", async (bench) => {
  const channel = await bench.channel();
  const work = await bench.queue(channel, QUORUM, "work");
  const retry = await bench.queue(channel, {
    ...QUORUM,
    "x-message-ttl": 100,
    ...deadLetterTo(work),
  }, "retry");
  const copied = { "x-death": [{ count: 1, reason: "delivery_limit", queue: work }] };
  channel.sendToQueue(retry, Buffer.from("copied"), { headers: copied });
  channel.sendToQueue(retry, Buffer.from("fresh"), {});
  await channel.waitForConfirms();
  assert.equal((await next(channel, work)).content.toString(), "fresh");
  assert.equal(await channel.get(work), false);
});
