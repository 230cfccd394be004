import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel, Options } from "amqplib";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import { FRAME_TYPE } from "./codec.ts";
import { startAmqpBroker } from "./mod.ts";
import { AT_LEAST_ONCE, connectClient, deadLetterTo, next, QUORUM, socketOf } from "./testing.ts";

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
  await using client = await connectClient(broker.url);
  await broker[Symbol.asyncDispose]();
  await client.failure;
});

integrationTest("the broker beats, and ends a connection that is silent", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  const startMs = Date.now();
  await using client = await connectClient(`${broker.url}?heartbeat=1`);
  const socket = socketOf(client.model);
  let beatCount = 0;
  socket.on("data", (bytes: Buffer) => beatCount += bytes[0] === FRAME_TYPE.heartbeat ? 1 : 0);
  // The client sends heartbeats as well, but none arrive.
  socket.write = () => true;
  await client.failure;
  const tookMs = Date.now() - startMs;
  assert.ok(tookMs >= 2_000 && tookMs < 5_000, `the end came after ${tookMs} ms`);
  assert.ok(beatCount >= 2, `${beatCount} heartbeats`);
});

integrationTest("DeadLetters holds an at-least-once letter until its target has room", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  await using client = await connectClient(broker.url);
  const { channel } = client;
  await channel.assertQueue("dead", {
    arguments: { ...QUORUM, "x-max-length": 0, "x-overflow": "reject-publish" },
  });
  await channel.assertQueue("work", {
    arguments: { ...deadLetterTo("dead"), ...AT_LEAST_ONCE, "x-message-ttl": 0 },
  });
  // Whatever a client forges is no death.
  const headers = { "x-death": [null, "nonsense"] };
  for (const body of "ab") channel.sendToQueue("work", Buffer.from(body), { headers });
  await waitFor(
    "both expire",
    async () => (await channel.checkQueue("work")).messageCount === 0,
  );
  assert.equal((await channel.checkQueue("dead")).messageCount, 1);
  for (const body of "ab") {
    assert.equal((await next(channel, "dead")).content.toString(), body);
  }
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

integrationTest("the broker names an unsupported feature", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  for (const [feature, ask] of Object.entries(REFUSED)) {
    await using client = await connectClient(broker.url);
    await client.channel.assertQueue("work", { arguments: QUORUM });
    await Promise.resolve(ask(client.channel)).catch(() => {});
    const message = await client.failure;
    const refusal = `NOT_IMPLEMENTED - the embedded broker has no ${feature}; `;
    assert.ok(message.includes(refusal), message);
  }
});
