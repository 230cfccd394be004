import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ConfirmChannel, connect, type Options } from "amqplib";
import { type Arguments, contract, fill, next, QUORUM } from "../../fixture/amqp.ts";

interface ErrorCase {
  readonly name: string;
  readonly run: (channel: ConfirmChannel, queue: string, exchange: string) => unknown;
  readonly expected: (queue: string, exchange: string) => string;
}

/** Declares `queue` as it is not: the bench's is durable, with a time to live of 60000 ms. */
function redeclare(changes: Options.AssertQueue, table: Arguments = {}): ErrorCase["run"] {
  return (channel, queue) =>
    channel.assertQueue(queue, {
      arguments: { ...QUORUM, "x-message-ttl": 60_000, ...table },
      ...changes,
    });
}

function declareWith(table: Arguments, options: Options.AssertQueue = {}): ErrorCase["run"] {
  return (channel, queue) =>
    channel.assertQueue(`new.${queue}`, { ...options, arguments: { ...QUORUM, ...table } });
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
  ...Object.entries<ErrorCase["run"]>({
    "checking": (channel, _, exchange) => channel.checkExchange(`no.${exchange}`),
    "binding to": (channel, queue, exchange) => channel.bindQueue(queue, `no.${exchange}`, ""),
    "publishing to": (channel, _, exchange) =>
      channel.publish(`no.${exchange}`, "", Buffer.from("a")),
  }).map(([what, run]) => ({
    name: `${what} a missing exchange`,
    run,
    expected: (_: string, exchange: string) =>
      `NOT_FOUND - no exchange 'no.${exchange}' in vhost '/'`,
  })),
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
    name: "declaring a durable queue as transient",
    run: redeclare({ durable: false }),
    expected: inequivalent("durable", "received 'false' but current is 'true'"),
  },
  {
    name: "declaring a queue with another time to live",
    run: redeclare({}, { "x-message-ttl": 61_000 }),
    expected: inequivalent("x-message-ttl", "received '61000' but current is '60000'"),
  },
  {
    name: "declaring a queue without its time to live",
    run: (channel, queue) => channel.assertQueue(queue, { arguments: QUORUM }),
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
    name: "a queue type that does not exist",
    run: declareWith({ "x-queue-type": "heap" }),
    expected: invalid("x-queue-type", `: "unsupported queue type 'heap'"`),
  },
  {
    name: "a transient quorum queue",
    run: declareWith({}, { durable: false }),
    expected: property("non-durable"),
  },
  {
    name: "an exclusive quorum queue",
    run: declareWith({}, { exclusive: true }),
    expected: property("exclusive-owner"),
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
];

for (const { name, run, expected } of ERROR_CASES) {
  contract(`${name} closes the channel, not the connection`, async (bench) => {
    const connection = await bench.connect();
    const setup = await bench.channel(connection);
    const queue = await bench.queue(setup, { "x-message-ttl": 60_000 });
    const exchange = await bench.exchange(setup);
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
    const exchange = await bench.exchange(channel);
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
