import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { contract, take } from "../../fixture/amqp.ts";

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
  const exchange = await bench.exchange(channel);
  const queues = new Map<string, string>();
  for (const [index, pattern] of Object.keys(TOPIC_MATCHES).entries()) {
    const queue = await bench.queue(channel, {}, `queue${index}`);
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
