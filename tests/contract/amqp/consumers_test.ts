import assert from "node:assert/strict";
import type { ConsumeMessage } from "amqplib";
import { contract, drain, fill, messagesWait, take, until } from "../../fixture/amqp.ts";

contract("prefetch limits what each later consumer has unacknowledged", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  await fill(channel, queue, "12345");
  const received: ConsumeMessage[] = [];
  await channel.prefetch(2);
  await channel.consume(queue, (message) => message !== null && received.push(message));
  await until("two deliveries", () => received.length === 2 || undefined);
  assert.equal((await channel.checkQueue(queue)).messageCount, 3);
  const [first] = received;
  assert.ok(first !== undefined);
  channel.ack(first);
  await until("a third delivery", () => received.length === 3 || undefined);
  assert.equal((await channel.checkQueue(queue)).messageCount, 2);
});

contract("consumers of one queue take turns", async (bench) => {
  const channel = await bench.channel();
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
  await until("four deliveries", () => received.length === 4 || undefined);
  assert.deepEqual(received, ["A1", "B2", "A3", "B4"]);
});

contract("basic.ack with multiple settles the earlier deliveries too", async (bench) => {
  const connection = await bench.connect();
  const channel = await bench.channel(connection);
  const queue = await bench.queue(channel);
  await fill(channel, queue, "12345");
  const [, second] = await take(channel, queue, 3);
  assert.ok(second !== undefined);
  channel.ack(second, true);
  await channel.close();
  assert.equal(await drain(await bench.channel(connection), queue, 3), "3r1 40 50");
});

contract("basic.ack of all settles everything, and nothing is no error", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  channel.ackAll();
  channel.nackAll();
  await fill(channel, queue, "12345");
  const counts = (await take(channel, queue, 3)).map(({ fields }) => fields.messageCount);
  assert.deepEqual(counts, [4, 3, 2]);
  channel.ackAll();
  assert.equal(await drain(channel, queue, 2), "40 50");
});

contract("basic.cancel leaves what is unacknowledged with the channel", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  await fill(channel, queue, "1234");
  await channel.prefetch(2);
  const received: ConsumeMessage[] = [];
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message !== null) received.push(message);
  });
  await until("two deliveries", () => received.length === 2 || undefined);
  await channel.cancel(consumerTag);
  assert.equal((await channel.checkQueue(queue)).messageCount, 2);
  const [first, second] = received;
  assert.ok(first !== undefined && second !== undefined);
  channel.ack(first);
  channel.nack(second);
  assert.equal(await drain(channel, queue, 3), "30 40 2r1");
  // RabbitMQ counts it until everything is settled.
  await until("the consumer is gone", async () => {
    return (await channel.checkQueue(queue)).consumerCount === 0 || undefined;
  });
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
  contract(`${kind}, but in front and in order when their channel ends`, async (bench) => {
    const channel = await bench.channel();
    const queue = await bench.queue(channel, table);
    const expect = async (order: string) => {
      await messagesWait(channel, queue, 5);
      assert.equal(await drain(channel, queue, 5), order);
    };
    await fill(channel, queue, "12345");
    const [first, second, third] = await take(channel, queue, 3);
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    for (const message of [second, first, third]) channel.nack(message);
    await expect(oneByOne);

    await fill(channel, queue, "12345");
    const last = (await take(channel, queue, 3)).at(-1);
    assert.ok(last !== undefined);
    channel.nack(last, true);
    await expect(together);

    await fill(channel, queue, "12345");
    const closed = await bench.channel();
    await take(closed, queue, 3);
    await closed.close();
    await expect(LOST);

    await fill(channel, queue, "12345");
    const lostConnection = await bench.connect();
    const consumer = await bench.channel(lostConnection);
    await consumer.prefetch(3);
    let count = 0;
    await consumer.consume(queue, () => count++);
    await until("three deliveries", () => count === 3 || undefined);
    bench.cut(lostConnection);
    await expect(LOST);
  });
}

contract("a queue tells a consumer how often a message came back", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  const counts: unknown[] = [];
  await channel.consume(queue, (message) => {
    if (message === null) return;
    counts.push([message.fields.redelivered, message.properties.headers?.["x-delivery-count"]]);
    if (counts.length < 3) channel.nack(message);
    else channel.ack(message);
  });
  await fill(channel, queue, "1");
  await until("three deliveries", () => counts.length === 3 || undefined);
  assert.deepEqual(counts, [[false, undefined], [true, 1], [true, 2]]);
});
