import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ConfirmChannel, connect, type Options } from "amqplib";
import { type Arguments, contract, fill, next, QUORUM } from "../../fixture/amqp.ts";

/** A client's mistakes, each with the broker's error text; `QUEUE` stands for the queue's name. */
type Case = readonly [
  ask: (channel: ConfirmChannel, queue: string) => unknown,
  words: string,
];

/** Declares the queue once more, which is durable, with a time to live of 60000 ms; or another one. */
function declare(table: Arguments, options: Options.AssertQueue = {}, name?: string): Case[0] {
  return (channel, queue) =>
    channel.assertQueue(name ?? queue, { ...options, arguments: { ...QUORUM, ...table } });
}

const fresh = (table: Arguments, options?: Options.AssertQueue) => declare(table, options, "new");

const TTL = { "x-message-ttl": 60_000 };
const NO_QUEUE = "NOT_FOUND - no queue 'no.queue' in vhost '/'";
const NO_EXCHANGE = "NOT_FOUND - no exchange 'no.exchange' in vhost '/'";
const DEFAULT = "ACCESS_REFUSED - operation not permitted on the default exchange";
const inequivalent = (key: string, rest: string) =>
  `PRECONDITION_FAILED - inequivalent arg '${key}' for queue 'QUEUE' in vhost '/': ${rest}`;
const invalid = (what: string) =>
  `PRECONDITION_FAILED - invalid ${what} for queue 'new' in vhost '/'`;

const CHANNEL_ERRORS: Readonly<Record<string, Case>> = {
  "checking a missing queue": [(channel) => channel.checkQueue("no.queue"), NO_QUEUE],
  "purging a missing queue": [(channel) => channel.purgeQueue("no.queue"), NO_QUEUE],
  "getting from a missing queue": [(channel) => channel.get("no.queue"), NO_QUEUE],
  "consuming from a missing queue": [
    (channel) => channel.consume("no.queue", () => {}),
    NO_QUEUE,
  ],
  "checking a missing exchange": [(channel) => channel.checkExchange("no.exchange"), NO_EXCHANGE],
  "binding to a missing exchange": [
    (channel, queue) => channel.bindQueue(queue, "no.exchange", ""),
    NO_EXCHANGE,
  ],
  "publishing to a missing exchange": [
    (channel) => channel.publish("no.exchange", "", Buffer.from("a")),
    NO_EXCHANGE,
  ],
  "declaring the default exchange": [(channel) => channel.assertExchange("", "direct"), DEFAULT],
  "binding to the default exchange": [
    (channel, queue) => channel.bindQueue(queue, "", "k"),
    DEFAULT,
  ],
  "declaring a durable queue as transient": [
    declare(TTL, { durable: false }),
    inequivalent("durable", "received 'false' but current is 'true'"),
  ],
  "declaring a queue with another time to live": [
    declare({ "x-message-ttl": 61_000 }),
    inequivalent("x-message-ttl", "received '61000' but current is '60000'"),
  ],
  "declaring a queue without its time to live": [
    declare({}),
    inequivalent("x-message-ttl", "received none but current is "),
  ],
  "declaring a queue with one more argument": [
    declare({ ...TTL, "x-dead-letter-exchange": "x" }),
    inequivalent("x-dead-letter-exchange", "received "),
  ],
  "a negative time to live": [fresh({ "x-message-ttl": -1 }), invalid("arg 'x-message-ttl'")],
  "a time to live in words": [fresh({ "x-message-ttl": "a" }), invalid("arg 'x-message-ttl'")],
  "a dead-letter routing key without an exchange": [
    fresh({ "x-dead-letter-routing-key": "k" }),
    invalid("arg 'x-dead-letter-routing-key'"),
  ],
  "a queue type that does not exist": [
    fresh({ "x-queue-type": "heap" }),
    invalid("arg 'x-queue-type'"),
  ],
  "a transient quorum queue": [fresh({}, { durable: false }), invalid("property 'non-durable'")],
  "an exclusive quorum queue": [
    fresh({}, { exclusive: true }),
    invalid("property 'exclusive-owner'"),
  ],
  "acknowledging twice": [
    async (channel, queue) => {
      await fill(channel, queue, "a");
      const message = await next(channel, queue);
      channel.ack(message);
      channel.ack(message);
    },
    "PRECONDITION_FAILED - unknown delivery tag 1",
  ],
};

contract("an error of a command closes its channel, not the connection", async (bench, channel) => {
  const queue = await bench.queue(channel, TTL);
  for (const [what, [ask, words]] of Object.entries(CHANNEL_ERRORS)) {
    const closing = await bench.channel();
    const failure = new Promise<Error>((resolve) => closing.once("error", resolve));
    await Promise.resolve(ask(closing, queue)).catch(() => {});
    const { message } = await failure;
    assert.ok(message.includes(`"${words.replace("QUEUE", queue)}`), `${what}: ${message}`);
    await channel.checkQueue(queue);
  }
});

const CONNECTION_ERRORS: Readonly<Record<string, Case>> = {
  "an exchange type that does not exist": [
    (channel) => channel.assertExchange("new", "x-heap"),
    "COMMAND_INVALID - unknown exchange type 'x-heap'",
  ],
  "a consumer tag in use": [
    async (channel, queue) => {
      await channel.consume(queue, () => {}, { consumerTag: "mine" });
      await channel.consume(queue, () => {}, { consumerTag: "mine" });
    },
    "NOT_ALLOWED - attempt to reuse consumer tag 'mine'",
  ],
};

contract("a graver error closes the connection", async (bench, channel) => {
  const queue = await bench.queue(channel);
  for (const [what, [ask, words]] of Object.entries(CONNECTION_ERRORS)) {
    const client = await bench.connect();
    await Promise.resolve(ask(client.channel, queue)).catch(() => {});
    const message = await client.failure;
    assert.ok(message.includes(`"${words}"`), `${what}: ${message}`);
  }
});

contract("a wrong password and an unknown virtual host are refused", async ({ url }) => {
  await assert.rejects(
    connect(url.replace("guest:guest", "guest:wrong")),
    /ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN/,
  );
  await assert.rejects(connect(`${url}/nope`), /got <ConnectionClose channel:0>/);
});
