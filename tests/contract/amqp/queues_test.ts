import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConsumeMessage } from "amqplib";
import { contract, drain, fill, next, QUORUM, take } from "../../fixture/amqp.ts";

contract("a consumer learns that its queue was deleted, and can consume again", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel, QUORUM);
  const cancelled = Promise.withResolvers<ConsumeMessage | null>();
  await channel.consume(queue, cancelled.resolve);
  await channel.deleteQueue(queue);
  assert.equal(await cancelled.promise, null);
  await bench.queue(channel, QUORUM);
  const received = Promise.withResolvers<ConsumeMessage | null>();
  await channel.consume(queue, received.resolve);
  await fill(channel, queue, "a");
  assert.equal((await received.promise)?.content.toString(), "a");
});

contract("deleting a queue settles what its consumers have", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  await fill(channel, queue, "a");
  const message = await next(channel, queue);
  await channel.deleteQueue(queue);
  channel.ack(message);
  await channel.assertQueue("", { exclusive: true });
});

contract("queue.purge removes what waits, not what is unacknowledged", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  await fill(channel, queue, "12345");
  await take(channel, queue, 2);
  assert.deepEqual(await channel.purgeQueue(queue), { messageCount: 3 });
  channel.nackAll();
  assert.equal(await drain(channel, queue, 2), "1r 2r");
});

contract("queue.delete says how many messages are gone; none for no queue", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  await fill(channel, queue, "123");
  assert.deepEqual(await channel.deleteQueue(queue), { messageCount: 3 });
  assert.deepEqual(await channel.deleteQueue(queue), { messageCount: 0 });
  assert.deepEqual(await channel.deleteExchange(bench.exchangeName()), {});
});

contract("an empty name makes one up, and then means the queue declared last", async (bench) => {
  const channel = await bench.channel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  assert.match(queue, /^amq\.gen-.{22}$/);
  const exchange = await bench.exchange(channel, "topic");
  await channel.bindQueue("", exchange, queue);
  channel.publish(exchange, queue, Buffer.from("a"));
  assert.equal((await next(channel, queue)).content.toString(), "a");
  const { consumerTag } = await channel.consume("", () => {});
  assert.match(consumerTag, /^amq\.ctag-.{22}$/);
});

contract("an exclusive queue belongs to its connection and goes with it", async (bench) => {
  const owner = await bench.connect();
  const queue = bench.queueName();
  await (await bench.channel(owner)).assertQueue(queue, { exclusive: true });
  const connection = await bench.connect();
  await assert.rejects(
    (await bench.channel(connection)).checkQueue(queue),
    /405 \(RESOURCE-LOCKED\)/,
  );
  await assert.rejects((await bench.channel(connection)).get(queue), /405 \(RESOURCE-LOCKED\)/);
  await owner.close();
  await assert.rejects((await bench.channel(connection)).checkQueue(queue), /404 \(NOT-FOUND\)/);
});
