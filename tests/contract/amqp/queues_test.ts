import assert from "node:assert/strict";
import type { ConsumeMessage } from "amqplib";
import { contract, drain, fill, next, take } from "../../fixture/amqp.ts";

contract(
  "a consumer learns that its queue is gone, and can consume again",
  async (bench, channel) => {
    const queue = await bench.queue(channel);
    const cancelled = Promise.withResolvers<ConsumeMessage | null>();
    await channel.consume(queue, cancelled.resolve);
    await channel.deleteQueue(queue);
    assert.equal(await cancelled.promise, null);
    await bench.queue(channel);
    const received = Promise.withResolvers<ConsumeMessage | null>();
    await channel.consume(queue, received.resolve);
    await fill(channel, queue, "a");
    assert.equal((await received.promise)?.content.toString(), "a");
  },
);

contract("deleting a queue settles what its consumers have", async (bench, channel) => {
  const queue = await bench.queue(channel);
  await fill(channel, queue, "a");
  const message = await next(channel, queue);
  await channel.deleteQueue(queue);
  channel.ack(message);
  await bench.queue(channel);
});

contract("queue.purge removes what waits, not what is unacknowledged", async (bench, channel) => {
  const queue = await bench.queue(channel);
  await fill(channel, queue, "12345");
  await take(channel, queue, 2);
  assert.deepEqual(await channel.purgeQueue(queue), { messageCount: 3 });
  channel.nackAll();
  assert.equal(await drain(channel, queue, 2), "1r1 2r1");
});

contract("queue.delete says how many messages are gone, if any", async (bench, channel) => {
  const queue = await bench.queue(channel);
  await fill(channel, queue, "123");
  assert.deepEqual(await channel.deleteQueue(queue), { messageCount: 3 });
  assert.deepEqual(await channel.deleteQueue(queue), { messageCount: 0 });
  assert.deepEqual(await channel.deleteExchange("no.exchange"), {});
});
