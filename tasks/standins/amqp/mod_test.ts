import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel, Options } from "amqplib";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { SqliteStore } from "../sqlite.ts";
import { Broker } from "./broker.ts";
import { FRAME_TYPE } from "./codec.ts";
import { startAmqpBroker } from "./mod.ts";
import { STORE_SCHEMA } from "./store.ts";
import {
  AT_LEAST_ONCE,
  brokerTest,
  connectClient,
  deadLetterTo,
  drain,
  fill,
  QUORUM,
  socketOf,
} from "./testing.ts";

integrationTest("the broker disconnects its clients when it ends", async () => {
  const broker = await startAmqpBroker({ port: 0 });
  await using client = await connectClient(broker.url);
  await broker[Symbol.asyncDispose]();
  await client.failure;
});

brokerTest("the broker beats, and ends a connection that is silent", async (_, url) => {
  const startMs = Date.now();
  await using client = await connectClient(`${url}?heartbeat=1`);
  const socket = socketOf(client.model);
  let beatCount = 0;
  socket.on("data", (bytes: Buffer) => beatCount += bytes[0] === FRAME_TYPE.heartbeat ? 1 : 0);
  // The client sends heartbeats as well, but none arrive.
  socket.write = () => true;
  await client.failure;
  const tookMs = Date.now() - startMs;
  assert.ok(tookMs >= 2_000, `the end came after ${tookMs} ms`);
  assert.ok(beatCount >= 2 && beatCount < 10, `${beatCount} heartbeats`);
});

const BODY = Buffer.alloc(50_000);

/** Publishes until the broker takes no more. Returns how many messages it confirmed. */
async function fillUp(channel: ConfirmChannel): Promise<number> {
  const closed = new Promise<boolean>((resolve) => channel.once("close", () => resolve(false)));
  const isConfirmed = () => fill(channel, "work", [BODY]).then(() => true, () => false);
  let confirmedCount = 0;
  while (await Promise.race([isConfirmed(), closed])) confirmedCount++;
  return confirmedCount;
}

integrationTest("Broker recovers from a full disk when there is room again", async () => {
  using database = new SqliteStore("amqp", undefined, STORE_SCHEMA);
  const account = { user: "guest", password: "guest" };
  await using broker = new Broker({ database, account, faults: new Faults() });
  const url = `amqp://127.0.0.1:${await broker.listen(0)}`;
  // SQLite then fails as it does with ENOSPC: SQLITE_FULL (https://www.sqlite.org/pragma.html#pragma_max_page_count).
  database.exec("PRAGMA max_page_count = 150");
  let confirmedCount = 0;
  {
    await using client = await connectClient(url);
    await client.channel.assertQueue("work", { arguments: QUORUM });
    confirmedCount = await fillUp(client.channel);
    assert.ok(confirmedCount > 0);
  }
  await assert.rejects(connectClient(url), "nobody is served while it is full");

  database.exec("PRAGMA max_page_count = 100000");
  await using client = await connectClient(url);
  const { channel } = client;
  assert.equal((await channel.checkQueue("work")).messageCount, confirmedCount);
  await fill(channel, "work", [BODY]);
  assert.equal((await channel.checkQueue("work")).messageCount, confirmedCount + 1);
});

brokerTest("DeadLetters holds a letter until its target has room", async ({ channel }) => {
  await channel.assertQueue("dead", {
    arguments: { ...QUORUM, "x-max-length": 0, "x-overflow": "reject-publish" },
  });
  await channel.assertQueue("work", {
    arguments: { ...deadLetterTo("dead"), ...AT_LEAST_ONCE, "x-message-ttl": 0 },
  });
  // Whatever a client forges is no death.
  await fill(channel, "work", "ab", { "x-death": [null, "nonsense"] });
  const count = async (queue: string) => (await channel.checkQueue(queue)).messageCount;
  await waitFor("both expire", async () => await count("work") === 0);
  assert.equal(await count("dead"), 1);
  assert.equal(await drain(channel, "dead", 2), "a0 b0");
});

type Ask = (channel: ConfirmChannel) => Promise<unknown> | unknown;

const declaring = (table: Readonly<Record<string, unknown>>): Ask => (channel) =>
  channel.assertQueue("new", { arguments: { ...QUORUM, ...table } });
const sending = (options: Options.Publish): Ask => (channel) =>
  channel.sendToQueue("work", Buffer.from("a"), options);

/** By the feature that is missing. */
const REFUSED: Readonly<Record<string, Ask>> = {
  "classic queues": (channel) => channel.assertQueue("new"),
  "streams": declaring({ "x-queue-type": "stream" }),
  "queues without a name": (channel) => channel.assertQueue("", { arguments: QUORUM }),
  "option autoDelete of QueueDeclare": (channel) =>
    channel.assertQueue("new", { autoDelete: true }),
  "exclusive queues": (channel) => channel.assertQueue("work", { exclusive: true }),
  "queue argument x-expires": declaring({ "x-expires": 1000 }),
  "x-overflow=drop-head, the default of x-max-length": declaring({ "x-max-length": 5 }),
  "exchange 'amq.topic'": declaring({ "x-dead-letter-exchange": "amq.topic" }),
  "option ifEmpty of QueueDelete": (channel) => channel.deleteQueue("work", { ifEmpty: true }),
  "direct exchanges": (channel) => channel.assertExchange("new", "direct"),
  "option autoDelete of ExchangeDeclare": (channel) =>
    channel.assertExchange("new", "topic", { autoDelete: true }),
  "option internal of ExchangeDeclare": (channel) =>
    channel.assertExchange("new", "topic", { internal: true }),
  "transient exchanges": (channel) => channel.assertExchange("new", "topic", { durable: false }),
  "argument alternate-exchange of ExchangeDeclare": (channel) =>
    channel.assertExchange("new", "topic", { alternateExchange: "other" }),
  "argument x-match of QueueBind": (channel) =>
    channel.bindQueue("work", "x", "key", { "x-match": "all" }),
  "option ifUnused of ExchangeDelete": (channel) => channel.deleteExchange("x", { ifUnused: true }),
  "exchange 'amq.direct'": (channel) => channel.assertExchange("amq.direct", "topic"),
  "queue 'amq.rabbitmq.reply-to'": (channel) => channel.consume("amq.rabbitmq.reply-to", () => {}),
  "queue 'amq.rabbitmq.reply-to.g2'": sending({ replyTo: "amq.rabbitmq.reply-to.g2" }),
  "message property expiration": sending({ expiration: 1000 }),
  "message property user_id": sending({ userId: "guest" }),
  "sender-selected distribution (the headers CC and BCC)": sending({ CC: "other" }),
  "option noAck of BasicGet": (channel) => channel.get("work", { noAck: true }),
  "exclusive consumers": (channel) => channel.consume("work", () => {}, { exclusive: true }),
  "argument x-priority of BasicConsume": (channel) =>
    channel.consume("work", () => {}, { priority: 5 }),
  "option global of BasicQos": (channel) => channel.prefetch(1, true),
  "method BasicRecover": (channel) => channel.recover(),
};

brokerTest("the broker names an unsupported feature", async ({ channel }, url) => {
  await channel.assertQueue("work", { arguments: QUORUM });
  for (const [feature, ask] of Object.entries(REFUSED)) {
    await using client = await connectClient(url);
    await Promise.resolve(ask(client.channel)).catch(() => {});
    const message = await client.failure;
    const refusal = `NOT_IMPLEMENTED - the embedded broker has no ${feature}; `;
    assert.ok(message.includes(refusal), message);
  }
});
