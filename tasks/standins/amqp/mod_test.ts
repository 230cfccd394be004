import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel, Options } from "amqplib";
import { integrationTest } from "@playground/shared/testing";
import { startAmqpBroker } from "./mod.ts";
import { connectClient, fill, next, QUORUM, RawClient, temporaryFolder, until } from "./testing.ts";

integrationTest("startAmqpBroker() takes another port when the wanted one is busy", async () => {
  await using first = await startAmqpBroker({ port: 0 });
  await using second = await startAmqpBroker({ port: Number(new URL(first.url).port) });
  assert.notEqual(second.url, first.url);
  await using _client = await connectClient(second.url);
});

integrationTest("startAmqpBroker() rejects when its store is no database", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/amqp.sqlite`, "this is no database".repeat(100));
  await assert.rejects(
    startAmqpBroker({ port: 0, stateDirectory: folder.path }),
    /not a database/,
  );
});

integrationTest("the broker disconnects its clients when it ends", async () => {
  const broker = await startAmqpBroker({ port: 0 });
  using client = await RawClient.open(broker.url);
  await broker[Symbol.asyncDispose]();
  assert.equal(await client.readMethod(), undefined);
});

integrationTest("Heartbeat beats, and ends a connection that is silent", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  const startMs = Date.now();
  using client = await RawClient.open(broker.url, 1);
  assert.equal(await client.readMethod(), undefined);
  const tookMs = Date.now() - startMs;
  assert.ok(tookMs >= 2_000 && tookMs < 5_000, `the end came after ${tookMs} ms`);
  assert.ok(client.heartbeats.length >= 2, `${client.heartbeats.length} heartbeats`);
});

integrationTest("DeadLetters holds an at-least-once letter until its target has room", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  await using client = await connectClient(broker.url);
  const { channel } = client;
  await channel.assertQueue("dead", {
    arguments: { ...QUORUM, "x-max-length": 0, "x-overflow": "reject-publish" },
  });
  await channel.assertQueue("work", {
    arguments: {
      ...QUORUM,
      "x-message-ttl": 0,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "dead",
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
    },
  });
  await fill(channel, "work", "ab");
  await until("both to expire", async () => {
    return (await channel.checkQueue("work")).messageCount === 0 || undefined;
  });
  assert.equal((await channel.checkQueue("dead")).messageCount, 1);
  for (const body of "ab") {
    assert.equal((await next(channel, "dead")).content.toString(), body);
  }
});

integrationTest("Outbox holds deliveries back from a client that does not read", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  await using client = await connectClient(broker.url);
  const { channel } = client;
  await channel.assertQueue("work", { arguments: QUORUM });
  const body = Buffer.alloc(100_000);
  const messageCount = 400;
  using slow = await RawClient.open(broker.url);
  await slow.send("BasicConsume", 1, {
    queue: "work",
    consumerTag: "slow",
    noLocal: false,
    noAck: false,
    exclusive: false,
    nowait: false,
    arguments: {},
  });
  await slow.expect("BasicConsumeOk");
  for (let count = 0; count < messageCount; count++) channel.sendToQueue("work", body);
  await channel.waitForConfirms();
  const waiting = (await channel.checkQueue("work")).messageCount;
  assert.ok(waiting > messageCount / 4, `${waiting} messages wait in the queue`);
  let receivedBytes = 0;
  while (receivedBytes < messageCount * body.length) {
    receivedBytes += (await slow.read())?.length ?? assert.fail("the connection ended");
  }
  assert.equal((await channel.checkQueue("work")).messageCount, 0);
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
  "queue argument x-max-priority": declaring({ "x-max-priority": 5 }),
  "queue argument x-of-our-own": declaring({ "x-of-our-own": 1 }),
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
  "option ifUnused of ExchangeDelete": (channel) => channel.deleteExchange("x", { ifUnused: true }),
  "exchange 'amq.direct'": (channel) => channel.assertExchange("amq.direct", "topic"),
  "exchange 'amq.rabbitmq.trace'": (channel) =>
    channel.bindQueue("work", "amq.rabbitmq.trace", "#"),
  "queue 'amq.rabbitmq.reply-to'": (channel) => channel.consume("amq.rabbitmq.reply-to", () => {}),
  "queue 'amq.rabbitmq.reply-to.g1'": (channel) =>
    channel.sendToQueue("amq.rabbitmq.reply-to.g1", Buffer.from("a")),
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

integrationTest("the broker names what it does not have", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  for (const [feature, ask] of Object.entries(REFUSED)) {
    await using client = await connectClient(broker.url);
    const { channel, model } = client;
    await channel.assertQueue("work", { arguments: QUORUM });
    const failure = new Promise<Error>((resolve) => model.once("error", resolve));
    await Promise.resolve(ask(channel)).catch(() => {});
    const { message } = await failure;
    const refusal = `NOT_IMPLEMENTED - the embedded broker has no ${feature}; `;
    assert.ok(message.includes(refusal), message);
  }
});
