/**
 * What the system relies on in a message broker, run against the embedded stand-in and, where `TEST_AMQP_URL` names
 * one, against RabbitMQ. Where both differ, the stand-in is wrong.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type ConsumeMessage,
  type GetMessage,
  type Options,
} from "amqplib";
import { contractTargets, integrationTest } from "@playground/shared/testing";
import { startAmqpBroker } from "../../tasks/standins/amqp/mod.ts";

const LIMIT_MS = 8_000;

const QUORUM = { "x-queue-type": "quorum" };

type Arguments = Readonly<Record<string, unknown>>;

/** Waits for a condition; resolves to its first value that is not `undefined`. */
async function until<Value>(
  what: string,
  condition: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const deadlineMs = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await condition();
    if (value !== undefined) return value;
    if (Date.now() > deadlineMs) throw new Error(`Gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** One test's view of a broker: unique names, and everything is gone afterwards. */
class Bench implements AsyncDisposable {
  readonly url: string;
  readonly #suffix = crypto.randomUUID().slice(0, 8);
  readonly #connections = new Set<ChannelModel>();
  readonly #queues = new Set<string>();
  readonly #exchanges = new Set<string>();

  constructor(url: string) {
    this.url = url;
  }

  /** A queue's name that is deleted afterwards. */
  queueName(name = "queue"): string {
    const unique = `${name}.${this.#suffix}`;
    this.#queues.add(unique);
    return unique;
  }

  /** An exchange's name that is deleted afterwards. */
  exchangeName(name = "exchange"): string {
    const unique = `${name}.${this.#suffix}`;
    this.#exchanges.add(unique);
    return unique;
  }

  async connect(): Promise<ChannelModel> {
    const connection = await connect(this.url, { noDelay: true });
    connection.on("error", () => {});
    this.#connections.add(connection);
    return connection;
  }

  async channel(connection?: ChannelModel): Promise<ConfirmChannel> {
    const channel = await (connection ?? await this.connect()).createConfirmChannel();
    channel.on("error", () => {});
    return channel;
  }

  async queue(channel: Channel, table: Arguments = {}, name = "queue"): Promise<string> {
    const unique = this.queueName(name);
    await channel.assertQueue(unique, { durable: true, arguments: table });
    return unique;
  }

  async exchange(channel: Channel, type: string, name = "exchange"): Promise<string> {
    const unique = this.exchangeName(name);
    await channel.assertExchange(unique, type, { durable: true });
    return unique;
  }

  /** Ends a TCP connection without a word, as the death of the client's process does. */
  cut(model: ChannelModel): void {
    this.#connections.delete(model);
    const { connection } = model;
    assert.ok("stream" in connection && connection.stream instanceof Object);
    assert.ok("destroy" in connection.stream && connection.stream.destroy instanceof Function);
    connection.stream.destroy(new Error("cut by the test"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) await connection.close().catch(() => {});
    const cleaner = await connect(this.url, { noDelay: true });
    const channel = await cleaner.createChannel();
    for (const queue of this.#queues) await channel.deleteQueue(queue);
    for (const exchange of this.#exchanges) await channel.deleteExchange(exchange);
    await cleaner.close();
  }
}

const targets = contractTargets(
  "TEST_AMQP_URL",
  () => startAmqpBroker({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers a test for both targets. */
function contract(name: string, run: (bench: Bench) => Promise<void>): void {
  for (const target of targets) {
    integrationTest(`${target.name} broker: ${name}`, async () => {
      await using component = await target.start();
      await using bench = new Bench(component.url);
      await run(bench);
    }, target.ignoredBecause === undefined ? {} : { ignoredBecause: target.ignoredBecause });
  }
}

async function fill(channel: ConfirmChannel, queue: string, bodies: string): Promise<void> {
  for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
  await channel.waitForConfirms();
}

/** Asks for a message until there is one. */
function next(channel: Channel, queue: string, options: Options.Get = {}): Promise<GetMessage> {
  return until(`a message in ${queue}`, async () => {
    const message = await channel.get(queue, options);
    return message === false ? undefined : message;
  });
}

function take(channel: Channel, queue: string, count: number): Promise<GetMessage[]> {
  return Array.fromAsync({ length: count }, () => next(channel, queue));
}

/** Empties a queue: each message as its body, `r` if redelivered, and the delivery count if there is one. */
async function drain(channel: Channel, queue: string, count: number): Promise<string> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { content, fields, properties } = await next(channel, queue, { noAck: true });
    const deliveries = properties.headers?.["x-delivery-count"] ?? "";
    seen.push(`${content}${fields.redelivered ? "r" : ""}${deliveries}`);
  }
  assert.equal(await channel.get(queue), false, "the queue is empty afterwards");
  return seen.join(" ");
}

/** Asks the queue until its count is as expected: what is given back arrives a little later in RabbitMQ. */
async function messagesWait(channel: Channel, queue: string, count: number): Promise<void> {
  await until(`${count} messages in ${queue}`, async () => {
    return (await channel.checkQueue(queue)).messageCount === count || undefined;
  });
}

/** Publishes and resolves to whether the broker confirmed it. */
function isConfirmed(channel: ConfirmChannel, queue: string, body: string): Promise<boolean> {
  return new Promise((resolve) => {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true }, (error) => {
      resolve(error === null || error === undefined);
    });
  });
}

// Publishing and delivery

contract("basic.publish delivers body, properties and headers as they were sent", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  const properties = {
    contentType: "application/json",
    messageId: "0195",
    timestamp: 1_700_000_000,
    appId: "message-server/1",
    correlationId: "c",
    headers: {
      "X-B3-TraceId": "463ac35c9f6413ad48485a3953bb6124",
      "X-B3-Sampled": "1",
      number: 5,
      large: 1_700_000_000_000_000,
      fraction: 1.5,
      flag: true,
      nothing: null,
      nested: { list: [1, "2", { deep: false }] },
    },
  };
  const received = Promise.withResolvers<ConsumeMessage>();
  await channel.consume(queue, (message) => message !== null && received.resolve(message));
  channel.sendToQueue(queue, Buffer.from('{"a":1}'), { ...properties, persistent: true });
  await channel.waitForConfirms();
  const message = await received.promise;
  assert.equal(message.content.toString(), '{"a":1}');
  assert.equal(message.fields.routingKey, queue);
  assert.equal(message.fields.exchange, "");
  assert.equal(message.fields.redelivered, false);
  for (const [name, value] of Object.entries(properties)) {
    assert.deepEqual(Object.entries(message.properties).find(([key]) => key === name)?.[1], value);
  }
  assert.equal(message.properties.deliveryMode, 2);
});

contract("basic.publish carries bodies of no byte and of many frames", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel, QUORUM);
  const large = crypto.getRandomValues(Buffer.alloc(60_000));
  const body = Buffer.concat(Array.from({ length: 25 }, () => large));
  channel.sendToQueue(queue, Buffer.alloc(0));
  channel.sendToQueue(queue, body);
  await channel.waitForConfirms();
  assert.equal((await next(channel, queue)).content.length, 0);
  assert.ok((await next(channel, queue)).content.equals(body));
});

contract("basic.return of an unroutable mandatory message precedes its confirm", async (bench) => {
  const channel = await bench.channel();
  const events: string[] = [];
  channel.on("return", ({ fields, content }) => {
    assert.ok("replyCode" in fields && "replyText" in fields);
    events.push(`return ${fields.replyCode} ${fields.replyText} ${content}`);
  });
  const options = { mandatory: true };
  channel.publish("amq.topic", bench.queueName("nowhere"), Buffer.from("a"), options, (error) => {
    events.push(error === null ? "confirm" : "nack");
  });
  await channel.waitForConfirms();
  assert.deepEqual(events, ["return 312 NO_ROUTE a", "confirm"]);
});

contract("an unroutable message that is not mandatory is confirmed", async (bench) => {
  const channel = await bench.channel();
  assert.equal(await isConfirmed(channel, bench.queueName("nowhere"), "a"), true);
});

contract("confirms pipeline: each publish is confirmed once, in order", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel, QUORUM);
  const confirmed: number[] = [];
  for (let index = 0; index < 500; index++) {
    channel.sendToQueue(queue, Buffer.alloc(1000), { persistent: true }, (error) => {
      assert.equal(error, null);
      confirmed.push(index);
    });
  }
  await channel.waitForConfirms();
  // RabbitMQ may confirm out of order; amqplib calls back for each of them all the same.
  assert.deepEqual(confirmed.toSorted((a, b) => a - b), Array.from({ length: 500 }, (_, i) => i));
  assert.equal((await channel.checkQueue(queue)).messageCount, 500);
});

// Exchanges

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

// Consumers and settlement

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
  const queue = await bench.queue(channel, QUORUM);
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
  assert.equal(await drain(await bench.channel(connection), queue, 3), "3r 4 5");
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
  assert.equal(await drain(channel, queue, 2), "4 5");
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
  assert.deepEqual(await channel.checkQueue(queue), { queue, messageCount: 2, consumerCount: 0 });
  const [first, second] = received;
  assert.ok(first !== undefined && second !== undefined);
  channel.ack(first);
  channel.nack(second);
  assert.equal(await drain(channel, queue, 3), "2r 3 4");
});

contract("noAck deliveries are settled at once", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel);
  let count = 0;
  await channel.consume(queue, () => count++, { noAck: true });
  await fill(channel, queue, "123");
  await until("three deliveries", () => count === 3 || undefined);
  await channel.close();
  const other = await bench.channel();
  assert.equal((await other.checkQueue(queue)).messageCount, 0);
});

const REQUEUE_ORDERS = [
  {
    kind: "a classic queue puts returned messages where they were",
    table: {},
    oneByOne: "1r 2r 3r 4 5",
    together: "1r 2r 3r 4 5",
    lost: "1r 2r 3r 4 5",
  },
  {
    kind: "a quorum queue without delivery limit puts returned messages at the back",
    table: QUORUM,
    oneByOne: "40 50 2r1 1r1 3r1",
    together: "40 50 1r1 2r1 3r1",
    lost: "1r1 2r1 3r1 40 50",
  },
  {
    kind: "a quorum queue with delivery limit puts returned messages in front",
    table: { ...QUORUM, "x-delivery-limit": 5 },
    oneByOne: "2r1 1r1 3r1 40 50",
    together: "1r1 2r1 3r1 40 50",
    lost: "1r1 2r1 3r1 40 50",
  },
];

for (const { kind, table, oneByOne, together, lost } of REQUEUE_ORDERS) {
  contract(`${kind}: basic.nack one by one`, async (bench) => {
    const channel = await bench.channel();
    const queue = await bench.queue(channel, table);
    await fill(channel, queue, "12345");
    const [first, second, third] = await take(channel, queue, 3);
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    for (const message of [second, first, third]) channel.nack(message);
    await messagesWait(channel, queue, 5);
    assert.equal(await drain(channel, queue, 5), oneByOne);
  });

  contract(`${kind}: basic.nack with multiple`, async (bench) => {
    const channel = await bench.channel();
    const queue = await bench.queue(channel, table);
    await fill(channel, queue, "12345");
    const last = (await take(channel, queue, 3)).at(-1);
    assert.ok(last !== undefined);
    channel.nack(last, true);
    await messagesWait(channel, queue, 5);
    assert.equal(await drain(channel, queue, 5), together);
  });

  contract(`${kind}: basic.recover`, async (bench) => {
    const channel = await bench.channel();
    const queue = await bench.queue(channel, table);
    await fill(channel, queue, "12345");
    await take(channel, queue, 3);
    await channel.recover();
    await messagesWait(channel, queue, 5);
    assert.equal(await drain(channel, queue, 5), together);
  });

  contract(`${kind}, in order, when the channel closes`, async (bench) => {
    const connection = await bench.connect();
    const channel = await bench.channel(connection);
    const queue = await bench.queue(channel, table);
    await fill(channel, queue, "12345");
    const lostChannel = await bench.channel(connection);
    await take(lostChannel, queue, 3);
    await lostChannel.close();
    await messagesWait(channel, queue, 5);
    assert.equal(await drain(channel, queue, 5), lost);
  });

  contract(`${kind}, in order, when the consumer's connection is lost`, async (bench) => {
    const channel = await bench.channel();
    const queue = await bench.queue(channel, table);
    await fill(channel, queue, "12345");
    const lostConnection = await bench.connect();
    const consumer = await bench.channel(lostConnection);
    await consumer.prefetch(3);
    let count = 0;
    await consumer.consume(queue, () => count++);
    await until("three deliveries", () => count === 3 || undefined);
    bench.cut(lostConnection);
    await messagesWait(channel, queue, 5);
    assert.equal(await drain(channel, queue, 5), lost);
  });
}

contract("a quorum queue tells a consumer how often a message came back", async (bench) => {
  const channel = await bench.channel();
  const queue = await bench.queue(channel, QUORUM);
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

// Dead letters

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

  contract(`a full ${kind} queue drops its head as a dead letter`, async (bench) => {
    const channel = await bench.channel();
    const dead = await bench.queue(channel, {}, "dead");
    const queue = await bench.queue(channel, {
      ...table,
      "x-max-length": 2,
      ...deadLetterTo(dead),
    });
    await fill(channel, queue, "12345");
    assert.equal(await drain(channel, dead, 3), "1 2 3");
    assert.equal((await channel.checkQueue(queue)).messageCount, 2);
  });
}

function deadLetterTo(queue: string): Arguments {
  return { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue };
}

contract("a dead letter keeps its routing key without x-dead-letter-routing-key", async (bench) => {
  const channel = await bench.channel();
  const exchange = await bench.exchange(channel, "fanout");
  const dead = await bench.queue(channel, {}, "dead");
  await channel.bindQueue(dead, exchange, "");
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

// Queues

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
  await channel.checkExchange("amq.topic");
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
  await channel.bindQueue("", "amq.topic", queue);
  channel.publish("amq.topic", queue, Buffer.from("a"));
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

contract("an auto-delete queue goes with its last consumer", async (bench) => {
  const channel = await bench.channel();
  const queue = bench.queueName();
  await channel.assertQueue(queue, { autoDelete: true });
  const consumers = [
    await channel.consume(queue, () => {}),
    await channel.consume(queue, () => {}),
  ];
  for (const { consumerTag } of consumers) {
    await channel.checkQueue(queue);
    await channel.cancel(consumerTag);
  }
  await assert.rejects(channel.checkQueue(queue), /404 \(NOT-FOUND\)/);
});

// Errors

interface ErrorCase {
  readonly name: string;
  readonly run: (channel: ConfirmChannel, queue: string, exchange: string) => unknown;
  readonly expected: (queue: string, exchange: string) => string;
}

/** Declares `queue` as it is not: the bench's is durable, with a time to live of 60000 ms. */
function redeclare(changes: Options.AssertQueue, table: Arguments = {}): ErrorCase["run"] {
  return (channel, queue) =>
    channel.assertQueue(queue, { arguments: { "x-message-ttl": 60_000, ...table }, ...changes });
}

function declareWith(table: Arguments, options: Options.AssertQueue = {}): ErrorCase["run"] {
  return (channel, queue) =>
    channel.assertQueue(`new.${queue}`, { durable: true, ...options, arguments: table });
}

const inequivalent = (key: string, rest: string) => (queue: string) =>
  `PRECONDITION_FAILED - inequivalent arg '${key}' for queue '${queue}' in vhost '/': ${rest}`;

const invalid = (key: string, rest: string) => (queue: string) =>
  `PRECONDITION_FAILED - invalid arg '${key}' for queue 'new.${queue}' in vhost '/'${rest}`;

const property = (name: string) => (queue: string) =>
  `PRECONDITION_FAILED - invalid property '${name}' for queue 'new.${queue}' in vhost '/'`;

const ERROR_CASES: readonly ErrorCase[] = [
  ...(["checkQueue", "purgeQueue", "get"] as const).map((method) => ({
    name: `${method} of a missing queue`,
    run: (channel: ConfirmChannel, queue: string) => channel[method](`no.${queue}`),
    expected: (queue: string) => `NOT_FOUND - no queue 'no.${queue}' in vhost '/'`,
  })),
  {
    name: "consuming from a missing queue",
    run: (channel, queue) => channel.consume(`no.${queue}`, () => {}),
    expected: (queue) => `NOT_FOUND - no queue 'no.${queue}' in vhost '/'`,
  },
  {
    name: "checking a missing exchange",
    run: (channel, _, exchange) => channel.checkExchange(`no.${exchange}`),
    expected: (_, exchange) => `NOT_FOUND - no exchange 'no.${exchange}' in vhost '/'`,
  },
  {
    name: "binding to a missing exchange",
    run: (channel, queue, exchange) => channel.bindQueue(queue, `no.${exchange}`, ""),
    expected: (_, exchange) => `NOT_FOUND - no exchange 'no.${exchange}' in vhost '/'`,
  },
  {
    name: "publishing to a missing exchange",
    run: (channel, _, exchange) => channel.publish(`no.${exchange}`, "", Buffer.from("a")),
    expected: (_, exchange) => `NOT_FOUND - no exchange 'no.${exchange}' in vhost '/'`,
  },
  {
    name: "naming no queue before any was declared",
    run: (channel) => channel.bindQueue("", "amq.topic", "k"),
    expected: () => "NOT_FOUND - no previously declared queue",
  },
  {
    name: "a reserved queue name",
    run: (channel) => channel.assertQueue("amq.mine"),
    expected: () => "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
  },
  {
    name: "a reserved exchange name",
    run: (channel) => channel.assertExchange("amq.mine", "topic"),
    expected: () => "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'",
  },
  {
    name: "declaring the default exchange",
    run: (channel) => channel.assertExchange("", "direct"),
    expected: () => "ACCESS_REFUSED - operation not permitted on the default exchange",
  },
  {
    name: "binding to the default exchange",
    run: (channel, queue) => channel.bindQueue(queue, "", "k"),
    expected: () => "ACCESS_REFUSED - operation not permitted on the default exchange",
  },
  {
    name: "deleting a system exchange",
    run: (channel) => channel.deleteExchange("amq.topic"),
    expected: () =>
      "ACCESS_REFUSED - deletion of system exchange 'amq.topic' in vhost '/' not allowed",
  },
  {
    name: "declaring an exchange with another type",
    run: (channel, _, exchange) => channel.assertExchange(exchange, "direct"),
    expected: (_, exchange) =>
      `PRECONDITION_FAILED - inequivalent arg 'type' for exchange '${exchange}' in vhost '/': ` +
      "received 'direct' but current is 'topic'",
  },
  {
    name: "declaring a durable exchange as transient",
    run: (channel, _, exchange) => channel.assertExchange(exchange, "topic", { durable: false }),
    expected: (_, exchange) =>
      `PRECONDITION_FAILED - inequivalent arg 'durable' for exchange '${exchange}' in vhost '/': ` +
      "received 'false' but current is 'true'",
  },
  {
    name: "declaring an exchange as auto-delete",
    run: (channel, _, exchange) => channel.assertExchange(exchange, "topic", { autoDelete: true }),
    expected: (_, exchange) =>
      `PRECONDITION_FAILED - inequivalent arg 'auto_delete' for exchange '${exchange}' in vhost '/': ` +
      "received 'true' but current is 'false'",
  },
  {
    name: "deleting an exchange in use if unused",
    run: async (channel, queue, exchange) => {
      await channel.bindQueue(queue, exchange, "k");
      await channel.deleteExchange(exchange, { ifUnused: true });
    },
    expected: (_, exchange) => `PRECONDITION_FAILED - exchange '${exchange}' in vhost '/' in use`,
  },
  {
    name: "declaring a durable queue as transient",
    run: redeclare({ durable: false }),
    expected: inequivalent("durable", "received 'false' but current is 'true'"),
  },
  {
    name: "declaring a queue as auto-delete",
    run: redeclare({ autoDelete: true }),
    expected: inequivalent("auto_delete", "received 'true' but current is 'false'"),
  },
  {
    name: "declaring a queue with another time to live",
    run: redeclare({}, { "x-message-ttl": 61_000 }),
    expected: inequivalent("x-message-ttl", "received '61000' but current is '60000'"),
  },
  {
    name: "declaring a queue without its time to live",
    run: (channel, queue) => channel.assertQueue(queue),
    expected: inequivalent(
      "x-message-ttl",
      "received none but current is the value '60000' of type 'signedint'",
    ),
  },
  {
    name: "declaring a queue with one more argument",
    run: redeclare({}, { "x-dead-letter-exchange": "x" }),
    expected: inequivalent(
      "x-dead-letter-exchange",
      "received the value 'x' of type 'longstr' but current is none",
    ),
  },
  {
    name: "declaring a classic queue as quorum",
    run: redeclare({}, QUORUM),
    expected: inequivalent(
      "x-queue-type",
      "received the value 'quorum' of type 'longstr' but current is none",
    ),
  },
  {
    name: "declaring a shared queue as exclusive",
    run: redeclare({ exclusive: true }),
    expected: (queue) =>
      `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '/'. ` +
      "It could be originally declared on another connection or the exclusive property value " +
      "does not match that of the original declaration.",
  },
  {
    name: "a negative time to live",
    run: declareWith({ "x-message-ttl": -1 }),
    expected: invalid("x-message-ttl", ": {value_negative,-1}"),
  },
  {
    name: "a time to live that is no number",
    run: declareWith({ "x-message-ttl": "a" }),
    expected: invalid("x-message-ttl", ': "expected integer, got longstr"'),
  },
  {
    name: "a dead-letter routing key without an exchange",
    run: declareWith({ "x-dead-letter-routing-key": "k" }),
    expected: invalid("x-dead-letter-routing-key", ": routing_key_but_no_dlx_defined"),
  },
  {
    name: "a delivery limit of a classic queue",
    run: declareWith({ "x-delivery-limit": 3 }),
    expected: invalid("x-delivery-limit", " of queue type rabbit_classic_queue"),
  },
  {
    name: "a dead-letter strategy of a classic queue",
    run: declareWith({ "x-dead-letter-strategy": "at-least-once" }),
    expected: invalid("x-dead-letter-strategy", " of queue type rabbit_classic_queue"),
  },
  {
    name: "an overflow that does not exist",
    run: declareWith({ "x-overflow": "explode" }),
    expected: invalid("x-overflow", ": invalid_overflow"),
  },
  {
    name: "a queue type that does not exist",
    run: declareWith({ "x-queue-type": "heap" }),
    expected: invalid("x-queue-type", `: "unsupported queue type 'heap'"`),
  },
  {
    name: "a transient quorum queue",
    run: declareWith(QUORUM, { durable: false }),
    expected: property("non-durable"),
  },
  {
    name: "an auto-delete quorum queue",
    run: declareWith(QUORUM, { autoDelete: true }),
    expected: property("auto-delete"),
  },
  {
    name: "an exclusive quorum queue",
    run: declareWith(QUORUM, { exclusive: true }),
    expected: property("exclusive-owner"),
  },
  {
    name: "deleting a queue that is not empty if empty",
    run: async (channel, queue) => {
      await fill(channel, queue, "a");
      await channel.deleteQueue(queue, { ifEmpty: true });
    },
    expected: (queue) => `PRECONDITION_FAILED - queue '${queue}' in vhost '/' not empty`,
  },
  {
    name: "deleting a queue in use if unused",
    run: async (channel, queue) => {
      await channel.consume(queue, () => {});
      await channel.deleteQueue(queue, { ifUnused: true });
    },
    expected: (queue) => `PRECONDITION_FAILED - queue '${queue}' in vhost '/' in use`,
  },
  {
    name: "a second consumer beside an exclusive one",
    run: async (channel, queue) => {
      await channel.consume(queue, () => {}, { exclusive: true });
      await channel.consume(queue, () => {});
    },
    expected: (queue) => `ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
  },
  {
    name: "an exclusive consumer beside another one",
    run: async (channel, queue) => {
      await channel.consume(queue, () => {});
      await channel.consume(queue, () => {}, { exclusive: true });
    },
    expected: (queue) => `ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
  },
  {
    name: "acknowledging twice",
    run: async (channel, queue) => {
      await fill(channel, queue, "a");
      const message = await next(channel, queue);
      channel.ack(message);
      channel.ack(message);
    },
    expected: () => "PRECONDITION_FAILED - unknown delivery tag 1",
  },
  {
    name: "an expiration that is no number",
    run: (channel, queue) => channel.sendToQueue(queue, Buffer.from("a"), { expiration: "soon" }),
    expected: () => "PRECONDITION_FAILED - invalid expiration 'soon': no_integer",
  },
  {
    name: "a negative expiration",
    run: (channel, queue) => channel.sendToQueue(queue, Buffer.from("a"), { expiration: "-1" }),
    expected: () => "PRECONDITION_FAILED - invalid expiration '-1': {value_negative,-1}",
  },
  {
    name: "publishing in the name of another user",
    run: (channel, queue) => channel.sendToQueue(queue, Buffer.from("a"), { userId: "bob" }),
    expected: () =>
      "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'",
  },
];

for (const { name, run, expected } of ERROR_CASES) {
  contract(`${name} closes the channel, not the connection`, async (bench) => {
    const connection = await bench.connect();
    const setup = await bench.channel(connection);
    const queue = await bench.queue(setup, { "x-message-ttl": 60_000 });
    const exchange = await bench.exchange(setup, "topic");
    const channel = await bench.channel(connection);
    const failure = new Promise<Error>((resolve) => channel.once("error", resolve));
    await Promise.resolve(run(channel, queue, exchange)).catch(() => {});
    const { message } = await failure;
    assert.ok(message.includes(`"${expected(queue, exchange)}"`), message);
    await setup.checkQueue(queue);
  });
}

const CONNECTION_ERROR_CASES: readonly ErrorCase[] = [
  {
    name: "an exchange type that does not exist",
    run: (channel, _, exchange) => channel.assertExchange(`new.${exchange}`, "x-heap"),
    expected: () => "COMMAND_INVALID - unknown exchange type 'x-heap'",
  },
  {
    name: "a consumer tag in use",
    run: async (channel, queue) => {
      await channel.consume(queue, () => {}, { consumerTag: "mine" });
      await channel.consume(queue, () => {}, { consumerTag: "mine" });
    },
    expected: () => "NOT_ALLOWED - attempt to reuse consumer tag 'mine'",
  },
];

for (const { name, run, expected } of CONNECTION_ERROR_CASES) {
  contract(`${name} closes the connection`, async (bench) => {
    const connection = await bench.connect();
    const failure = new Promise<Error>((resolve) => connection.once("error", resolve));
    const channel = await bench.channel(connection);
    const queue = await bench.queue(channel);
    const exchange = await bench.exchange(channel, "topic");
    await Promise.resolve(run(channel, queue, exchange)).catch(() => {});
    const { message } = await failure;
    assert.ok(message.includes(`"${expected(queue, exchange)}"`), message);
  });
}

contract("a wrong password and an unknown virtual host are refused", async ({ url }) => {
  await assert.rejects(
    connect(url.replace("guest:guest", "guest:wrong")),
    /ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN/,
  );
  await assert.rejects(connect(`${url}/nope`), /got <ConnectionClose channel:0>/);
});
