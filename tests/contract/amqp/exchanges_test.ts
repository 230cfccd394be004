import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { contract, drain, fill, take } from "../../fixture/amqp.ts";

const TOPIC_KEYS = ["", "a", "b", "a.b", "a.a", "b.a", "a.b.b", "a.c.b", "a..b", ".", "a.", ".a"];

const TOPIC_MATCHES: Readonly<Record<string, readonly string[]>> = {
  "#": TOPIC_KEYS,
  "#.#": TOPIC_KEYS,
  "": [""],
  "*": ["a", "b"],
  "a.#": ["a", "a.b", "a.a", "a.b.b", "a.c.b", "a..b", "a."],
  "#.a": ["a", "a.a", "b.a", ".a"],
  "a.*": ["a.b", "a.a", "a."],
  "*.a": ["a.a", "b.a", ".a"],
  "a.#.b": ["a.b", "a.b.b", "a.c.b", "a..b"],
  "#.b.#": ["b", "a.b", "b.a", "a.b.b", "a.c.b", "a..b"],
  "*.#": TOPIC_KEYS.filter((key) => key !== ""),
  "#.*": TOPIC_KEYS.filter((key) => key !== ""),
  "*.*": ["a.b", "a.a", "b.a", ".", "a.", ".a"],
  "*.#.*": ["a.b", "a.a", "b.a", "a.b.b", "a.c.b", "a..b", ".", "a.", ".a"],
  "a..b": ["a..b"],
  "a.*.b": ["a.b.b", "a.c.b", "a..b"],
};

contract("a topic exchange routes by * and #", async (bench) => {
  const channel = await bench.channel();
  const exchange = await bench.exchange(channel, "topic");
  const queues = new Map<string, string>();
  for (const pattern of Object.keys(TOPIC_MATCHES)) {
    const { queue } = await channel.assertQueue("", { exclusive: true });
    await channel.bindQueue(queue, exchange, pattern);
    queues.set(pattern, queue);
  }
  for (const key of TOPIC_KEYS) channel.publish(exchange, key, Buffer.from(key));
  await channel.waitForConfirms();
  for (const [pattern, queue] of queues) {
    const expected = TOPIC_MATCHES[pattern] ?? [];
    const keys = (await take(channel, queue, expected.length)).map(({ fields }) =>
      fields.routingKey
    );
    assert.deepEqual(keys, expected, `keys of ${JSON.stringify(pattern)}`);
    assert.equal(await channel.get(queue), false, `nothing else for ${JSON.stringify(pattern)}`);
  }
});

contract("direct and fanout exchanges route, once per queue", async (bench) => {
  const channel = await bench.channel();
  const direct = await bench.exchange(channel, "direct", "direct");
  const fanout = await bench.exchange(channel, "fanout", "fanout");
  const queue = await bench.queue(channel);
  await channel.bindQueue(queue, direct, "k");
  await channel.bindQueue(queue, direct, "k");
  await channel.bindQueue(queue, fanout, "x");
  await channel.bindQueue(queue, fanout, "y");
  channel.publish(direct, "k", Buffer.from("1"));
  channel.publish(direct, "other", Buffer.from("2"));
  channel.publish(fanout, "any", Buffer.from("3"));
  await channel.waitForConfirms();
  assert.equal(await drain(channel, queue, 2), "1 3");
  await channel.unbindQueue(queue, direct, "k");
  channel.publish(direct, "k", Buffer.from("4"));
  await fill(channel, queue, "5");
  assert.equal(await drain(channel, queue, 1), "5");
});

contract("an auto-delete exchange goes with its last binding", async (bench) => {
  const channel = await bench.channel();
  const exchange = bench.exchangeName();
  await channel.assertExchange(exchange, "topic", { autoDelete: true });
  const queue = await bench.queue(channel);
  await channel.bindQueue(queue, exchange, "k");
  await channel.checkExchange(exchange);
  await channel.deleteQueue(queue);
  await assert.rejects(channel.checkExchange(exchange), /404 \(NOT-FOUND\)/);
});
