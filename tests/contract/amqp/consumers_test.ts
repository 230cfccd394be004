import assert from "node:assert/strict";
import { waitFor } from "@playground/shared/testing";
import type { Channel, ConsumeMessage } from "amqplib";
import { contract, drain, fill, messagesWait, socketOf, take } from "../../fixture/amqp.ts";

/** Consumes, without acknowledging, until this many messages have come. */
async function consume(channel: Channel, queue: string, count: number) {
  const received: ConsumeMessage[] = [];
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message !== null) received.push(message);
  });
  await waitFor(`${count} deliveries come`, () => received.length === count);
  return { received, consumerTag };
}

contract("prefetch limits what each later consumer has unacknowledged", async (bench, channel) => {
  const queue = await bench.queue(channel);
  await fill(channel, queue, "12345");
  await channel.prefetch(2);
  const { received } = await consume(channel, queue, 2);
  assert.equal((await channel.checkQueue(queue)).messageCount, 3);
  const [first] = received;
  assert.ok(first !== undefined);
  channel.ack(first);
  await waitFor("a third delivery comes", () => received.length === 3);
  assert.equal((await channel.checkQueue(queue)).messageCount, 2);
});

contract("consumers of one queue take turns", async (bench, channel) => {
  const queue = await bench.queue(channel);
  const received: string[] = [];
  for (const name of ["A", "B"]) {
    await channel.consume(queue, (message) => {
      if (message === null) return;
      received.push(`${name}${message.content}`);
      channel.ack(message);
    });
  }
  await fill(channel, queue, "1234");
  await waitFor("four deliveries come", () => received.length === 4);
  assert.deepEqual(received, ["A1", "B2", "A3", "B4"]);
});

contract("basic.ack settles the earlier deliveries too, or all", async (bench, channel) => {
  const queue = await bench.queue(channel);
  // An acknowledgement of nothing is no error.
  channel.ackAll();
  channel.nackAll();
  await fill(channel, queue, "12345");
  const [, second] = await take(channel, queue, 3);
  assert.ok(second !== undefined);
  channel.ack(second, true);
  await channel.close();
  const other = await bench.channel();
  await messagesWait(other, queue, 3);
  const rest = await take(other, queue, 3);
  assert.deepEqual(rest.map(({ fields }) => fields.messageCount), [2, 1, 0]);
  other.ackAll();
  assert.equal(await other.get(queue), false);
});

contract("basic.cancel leaves what is unacknowledged with the channel", async (bench, channel) => {
  const queue = await bench.queue(channel);
  await fill(channel, queue, "1234");
  await channel.prefetch(2);
  const { received: [first, second], consumerTag } = await consume(channel, queue, 2);
  await channel.cancel(consumerTag);
  assert.equal((await channel.checkQueue(queue)).messageCount, 2);
  assert.ok(first !== undefined && second !== undefined);
  channel.ack(first);
  channel.nack(second);
  assert.equal(await drain(channel, queue, 3), "30 40 2r1");
  // RabbitMQ counts it until everything is settled.
  await waitFor(
    "the consumer is gone",
    async () => (await channel.checkQueue(queue)).consumerCount === 0,
  );
});

const REQUEUE_ORDERS = [
  {
    kind: "a queue without delivery limit puts returned messages at the back",
    table: {},
    oneByOne: "40 50 2r1 1r1 3r1",
    together: "40 50 1r1 2r1 3r1",
  },
  {
    kind: "a queue with delivery limit puts returned messages in front",
    table: { "x-delivery-limit": 5 },
    oneByOne: "2r1 1r1 3r1 40 50",
    together: "1r1 2r1 3r1 40 50",
  },
];
const LOST = "1r1 2r1 3r1 40 50";

for (const { kind, table, oneByOne, together } of REQUEUE_ORDERS) {
  contract(`${kind}, but in front and in order when their channel ends`, async (bench, channel) => {
    const queue = await bench.queue(channel, table);
    const giveBack = async (order: string, end: () => Promise<void>) => {
      await fill(channel, queue, "12345");
      await end();
      await messagesWait(channel, queue, 5);
      assert.equal(await drain(channel, queue, 5), order);
    };
    await giveBack(oneByOne, async () => {
      const [first, second, third] = await take(channel, queue, 3);
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      for (const message of [second, first, third]) channel.nack(message);
    });
    await giveBack(together, async () => {
      const last = (await take(channel, queue, 3)).at(-1);
      assert.ok(last !== undefined);
      channel.nack(last, true);
    });
    await giveBack(LOST, async () => {
      const closed = await bench.channel();
      await take(closed, queue, 3);
      await closed.close();
    });
    await giveBack(LOST, async () => {
      const lost = await bench.connect();
      await lost.channel.prefetch(3);
      await consume(lost.channel, queue, 3);
      socketOf(lost.model).destroy(new Error("cut by the test"));
    });
  });
}
