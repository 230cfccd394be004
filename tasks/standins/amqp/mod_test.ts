import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel } from "amqplib";
import { integrationTest } from "@playground/shared/testing";
import { startAmqpBroker } from "./mod.ts";
import { connectClient, RawClient, temporaryFolder, until } from "./testing.ts";

const QUORUM = { "x-queue-type": "quorum" };

integrationTest("startAmqpBroker() takes another port when the wanted one is busy", async () => {
  await using first = await startAmqpBroker({ port: 0 });
  await using second = await startAmqpBroker({ port: Number(new URL(first.url).port) });
  assert.notEqual(second.url, first.url);
  await using client = await connectClient(second.url);
  await client.channel.assertQueue("");
});

integrationTest("startAmqpBroker() rejects when its store is no database", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/amqp.sqlite`, "this is no database".repeat(100));
  await assert.rejects(
    startAmqpBroker({ port: 0, stateDirectory: folder.path }),
    /not a database/,
  );
});

integrationTest("startAmqpBroker() goes on with its state after a clean end", async () => {
  await using folder = await temporaryFolder();
  const options = { port: 0, stateDirectory: folder.path };
  {
    await using broker = await startAmqpBroker(options);
    await using client = await connectClient(broker.url);
    const { channel } = client;
    await channel.assertQueue("work", { arguments: QUORUM });
    for (const body of "ab") channel.sendToQueue("work", Buffer.from(body));
    await channel.waitForConfirms();
    assert.notEqual(await channel.get("work"), false);
  }
  await using broker = await startAmqpBroker(options);
  await using client = await connectClient(broker.url);
  const { channel } = client;
  const first = await channel.get("work");
  const second = await channel.get("work");
  assert.ok(first !== false && second !== false);
  assert.deepEqual([`${first.content}`, first.fields.redelivered], ["a", true]);
  assert.deepEqual([`${second.content}`, second.fields.redelivered], ["b", false]);
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
    maxLength: 1,
    arguments: { "x-overflow": "reject-publish" },
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
  for (const body of "ab") channel.sendToQueue("work", Buffer.from(body));
  await channel.waitForConfirms();
  await until("both to expire", async () => {
    return (await channel.checkQueue("work")).messageCount === 0 || undefined;
  });
  assert.equal((await channel.checkQueue("dead")).messageCount, 1);
  for (const body of "ab") {
    const letter = await until(`dead letter ${body}`, async () => {
      return await channel.get("dead", { noAck: true }) || undefined;
    });
    assert.equal(letter.content.toString(), body);
  }
});

integrationTest("Outbox holds deliveries back from a client that does not read", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  await using client = await connectClient(broker.url);
  const { channel } = client;
  await channel.assertQueue("work", { durable: false });
  const body = Buffer.alloc(100_000);
  const messageCount = 400;
  using slow = await RawClient.open(broker.url);
  await slow.send("BasicConsume", 1, {
    queue: "work",
    consumerTag: "slow",
    noLocal: false,
    noAck: true,
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
  channel.assertQueue("work", { arguments: table });

const REFUSED: Readonly<Record<string, Ask>> = {
  "queue argument x-expires": declaring({ "x-expires": 1000 }),
  "queue argument x-max-priority": declaring({ "x-max-priority": 5 }),
  "queue argument x-queue-mode": declaring({ "x-queue-mode": "lazy" }),
  "streams": declaring({ "x-queue-type": "stream" }),
  "x-overflow=drop-head, the default of x-max-length": declaring({ "x-max-length": 5 }),
  "exchange 'amq.topic'": declaring({ "x-dead-letter-exchange": "amq.topic" }),
  "direct exchanges": (channel) => channel.assertExchange("work", "direct"),
  "fanout exchanges": (channel) => channel.assertExchange("work", "fanout"),
  "headers exchanges": (channel) => channel.assertExchange("work", "headers"),
  "auto-delete exchanges": (channel) =>
    channel.assertExchange("work", "topic", { autoDelete: true }),
  "auto-delete queues": (channel) => channel.assertQueue("work", { autoDelete: true }),
  "exchange 'amq.direct'": (channel) => channel.assertExchange("amq.direct", "topic"),
  "exchange 'amq.fanout'": (channel) => channel.publish("amq.fanout", "", Buffer.from("a")),
  "exchange 'amq.match'": (channel) => channel.checkExchange("amq.match"),
  "exchange 'amq.headers'": (channel) => channel.deleteExchange("amq.headers"),
  "exchange 'amq.rabbitmq.trace'": async (channel) => {
    await channel.assertQueue("work");
    await channel.bindQueue("work", "amq.rabbitmq.trace", "#");
  },
  "queue 'amq.rabbitmq.reply-to'": (channel) =>
    channel.consume("amq.rabbitmq.reply-to", () => {}, { noAck: true }),
  "queue 'amq.rabbitmq.reply-to.g1'": (channel) =>
    channel.sendToQueue("amq.rabbitmq.reply-to.g1", Buffer.from("a")),
  "queue 'amq.rabbitmq.reply-to.g2'": (channel) =>
    channel.sendToQueue("work", Buffer.from("a"), { replyTo: "amq.rabbitmq.reply-to.g2" }),
};

for (const [feature, ask] of Object.entries(REFUSED)) {
  integrationTest(`the broker says that it has no ${feature}`, async () => {
    await using broker = await startAmqpBroker({ port: 0 });
    await using client = await connectClient(broker.url);
    const { channel, model } = client;
    const failure = new Promise<Error>((resolve) => model.once("error", resolve));
    await Promise.resolve(ask(channel)).catch(() => {});
    const { message } = await failure;
    assert.ok(
      message.includes(`NOT_IMPLEMENTED - the embedded broker has no ${feature}; `),
      message,
    );
  });
}
