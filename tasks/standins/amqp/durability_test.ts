import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Channel, ConfirmChannel, GetMessage } from "amqplib";
import { integrationTest } from "@playground/shared/testing";
import { BrokerProcess, connectClient, temporaryFolder, until } from "./testing.ts";

const QUORUM = { "x-queue-type": "quorum" };

async function next(channel: Channel, queue: string): Promise<GetMessage> {
  return await until(`a message in ${queue}`, async () => {
    const message = await channel.get(queue);
    return message === false ? undefined : message;
  });
}

async function fill(channel: ConfirmChannel, queue: string, bodies: string): Promise<void> {
  for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
  await channel.waitForConfirms();
}

/** Runs `before` against a broker, kills that, and runs `after` against the next one with the same state. */
async function acrossKill(
  before: (channel: ConfirmChannel) => Promise<void>,
  after: (channel: ConfirmChannel) => Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  {
    await using broker = await BrokerProcess.start(folder.path);
    await using connected = await connectClient(broker.url);
    await before(connected.channel);
    await broker.kill();
  }
  await using broker = await BrokerProcess.start(folder.path);
  await using connected = await connectClient(broker.url);
  await after(connected.channel);
}

for (const [kind, table] of Object.entries({ classic: {}, quorum: QUORUM })) {
  integrationTest(
    `kill -9 keeps what a ${kind} queue confirmed and nobody acknowledged`,
    () =>
      acrossKill(
        async (channel) => {
          await channel.assertQueue("work", { arguments: table });
          await fill(channel, "work", "123456");
          const [first] = [await next(channel, "work"), await next(channel, "work")];
          channel.ack(first);
          // Its answer says that the acknowledgement is committed.
          await channel.checkQueue("work");
        },
        async (channel) => {
          const seen = [];
          for (let count = 0; count < 5; count++) {
            const { content, fields, properties } = await next(channel, "work");
            seen.push([`${content}`, fields.redelivered, properties.headers?.["x-delivery-count"]]);
          }
          const [once, never] = kind === "quorum" ? [1, 0] : [undefined, undefined];
          assert.deepEqual(seen, [
            ["2", true, once],
            ["3", false, never],
            ["4", false, never],
            ["5", false, never],
            ["6", false, never],
          ]);
          assert.equal(await channel.get("work"), false);
        },
      ),
  );
}

integrationTest("kill -9 in the middle of publishing loses no confirmed message", async () => {
  await using folder = await temporaryFolder();
  let confirmedCount = 0;
  {
    await using broker = await BrokerProcess.start(folder.path);
    await using connected = await connectClient(broker.url);
    const { channel } = connected;
    await channel.assertQueue("work", { arguments: QUORUM });
    const publish = (number: number) => {
      channel.sendToQueue(
        "work",
        Buffer.from(String(number)),
        { persistent: true },
        (error) => {
          if (error !== null) return;
          confirmedCount++;
          publish(number + 64);
        },
      );
    };
    for (let number = 0; number < 64; number++) publish(number);
    await until("500 confirms", () => confirmedCount >= 500 || undefined);
    await broker.kill();
  }
  await using broker = await BrokerProcess.start(folder.path);
  await using connected = await connectClient(broker.url);
  const { messageCount } = await connected.channel.checkQueue("work");
  assert.ok(messageCount >= confirmedCount, `${messageCount} of ${confirmedCount} are there`);
  const numbers: number[] = [];
  for (let count = 0; count < messageCount; count++) {
    numbers.push(Number((await next(connected.channel, "work")).content));
  }
  assert.deepEqual(numbers, Array.from({ length: messageCount }, (_, index) => index));
});

integrationTest(
  "kill -9 keeps durable exchanges, queues and bindings, and only those",
  () =>
    acrossKill(
      async (channel) => {
        await channel.assertExchange("rpc", "topic", { durable: true });
        await channel.assertExchange("passing", "topic", { durable: false });
        await channel.assertQueue("durable", { arguments: { "x-message-ttl": 60_000 } });
        await channel.assertQueue("transient", { durable: false });
        await channel.assertQueue("exclusive", { exclusive: true });
        await channel.bindQueue("durable", "rpc", "send.#");
        await channel.bindQueue("durable", "rpc", "unbound");
        await channel.unbindQueue("durable", "rpc", "unbound");
        channel.sendToQueue("durable", Buffer.from("in memory"), { persistent: false });
        await channel.waitForConfirms();
      },
      async (channel) => {
        // The same declarations are no difference.
        await channel.assertExchange("rpc", "topic", { durable: true });
        await channel.assertQueue("durable", { arguments: { "x-message-ttl": 60_000 } });
        channel.publish("rpc", "send.email", Buffer.from("a"));
        channel.publish("rpc", "send.other", Buffer.from("b"));
        channel.publish("rpc", "unbound", Buffer.from("c"));
        await channel.waitForConfirms();
        assert.equal((await next(channel, "durable")).content.toString(), "a");
        assert.equal((await next(channel, "durable")).content.toString(), "b");
        assert.equal(await channel.get("durable"), false);
        assert.deepEqual(await channel.deleteQueue("transient"), { messageCount: 0 });
        assert.deepEqual(await channel.deleteQueue("exclusive"), { messageCount: 0 });
        await assert.rejects(channel.checkExchange("passing"), /404/);
      },
    ),
);

integrationTest("kill -9 does not stop a message's time to live", async () => {
  const ttlMs = 2_000;
  const table = (messageTtlMs: number) => ({
    ...QUORUM,
    "x-message-ttl": messageTtlMs,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "work",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
  });
  let publishedAtMs = 0;
  await acrossKill(
    async (channel) => {
      await channel.assertQueue("work", { arguments: QUORUM });
      await channel.assertQueue("short", { arguments: table(1) });
      await channel.assertQueue("long", { arguments: table(ttlMs) });
      await channel.assertQueue("forever", { arguments: table(600_000) });
      await fill(channel, "forever", "c");
      publishedAtMs = Date.now();
      await fill(channel, "long", "b");
      channel.sendToQueue("short", Buffer.from("a"), { persistent: true });
      await channel.waitForConfirms();
    },
    async (channel) => {
      assert.equal((await next(channel, "work")).content.toString(), "a");
      const letter = await next(channel, "work");
      const tookMs = Date.now() - publishedAtMs;
      assert.equal(letter.content.toString(), "b");
      assert.equal(letter.properties.headers?.["x-death"]?.[0]?.queue, "long");
      assert.ok(tookMs >= ttlMs && tookMs < ttlMs + 1_500, `it took ${tookMs} ms`);
      assert.equal((await channel.checkQueue("forever")).messageCount, 1);
    },
  );
});

integrationTest("kill -9 counts towards the delivery limit", () =>
  acrossKill(
    async (channel) => {
      await channel.assertQueue("dead", { arguments: QUORUM });
      await channel.assertQueue("work", {
        arguments: {
          ...QUORUM,
          "x-delivery-limit": 1,
          "x-dead-letter-exchange": "",
          "x-dead-letter-routing-key": "dead",
        },
      });
      await fill(channel, "work", "ab");
      channel.nack(await next(channel, "work"));
      assert.equal((await next(channel, "work")).properties.headers?.["x-delivery-count"], 1);
    },
    async (channel) => {
      const letter = await next(channel, "dead");
      assert.equal(letter.content.toString(), "a");
      assert.equal(letter.properties.headers?.["x-death"]?.[0]?.reason, "delivery_limit");
      assert.equal((await next(channel, "work")).content.toString(), "b");
    },
  ));

integrationTest("kill -9 keeps a dead letter that had nowhere to go", () =>
  acrossKill(
    async (channel) => {
      await channel.assertQueue("work", {
        arguments: {
          ...QUORUM,
          "x-dead-letter-exchange": "",
          "x-dead-letter-routing-key": "dead",
          "x-dead-letter-strategy": "at-least-once",
          "x-overflow": "reject-publish",
        },
      });
      await fill(channel, "work", "a");
      channel.reject(await next(channel, "work"), false);
      assert.equal((await channel.checkQueue("work")).messageCount, 0);
    },
    async (channel) => {
      assert.equal(await channel.get("work"), false);
      await channel.assertQueue("dead", { arguments: QUORUM });
      const letter = await next(channel, "dead");
      assert.equal(letter.content.toString(), "a");
      assert.equal(letter.properties.headers?.["x-death"]?.[0]?.reason, "rejected");
      assert.equal(await channel.get("dead"), false);
    },
  ));
