import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel } from "amqplib";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import { startKillable } from "../testing.ts";
import {
  AT_LEAST_ONCE,
  connectClient,
  deadLetterTo,
  drain,
  fill,
  next,
  QUORUM,
} from "./testing.ts";

/** Runs `before` against a broker, kills it, and runs `after` against a new one with the same state. */
async function acrossKill(
  before: (channel: ConfirmChannel) => Promise<void>,
  after: (channel: ConfirmChannel) => Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  {
    await using broker = await startKillable(["amqp"], folder.path);
    await using connected = await connectClient(broker.variables.AMQP_URL ?? "");
    await before(connected.channel);
    await broker.kill();
  }
  await using broker = await startKillable(["amqp"], folder.path);
  await using connected = await connectClient(broker.variables.AMQP_URL ?? "");
  await after(connected.channel);
}

integrationTest("kill -9 keeps confirmed, unacknowledged messages", () =>
  acrossKill(
    async (channel) => {
      await channel.assertQueue("dead", { arguments: QUORUM });
      await channel.assertQueue("work", {
        arguments: { ...deadLetterTo("dead"), "x-delivery-limit": 1 },
      });
      await fill(channel, "work", "12345");
      channel.ack(await next(channel, "work"));
      channel.nack(await next(channel, "work"));
      const again = await next(channel, "work");
      assert.equal(again.properties.headers?.["x-delivery-count"], 1);
      await next(channel, "work");
      // Its answer says that the acknowledgement is committed.
      await channel.checkQueue("work");
    },
    async (channel) => {
      assert.equal(await drain(channel, "work", 3), "3r1 40 50");
      // It reached its delivery limit.
      const letter = await next(channel, "dead");
      assert.equal(letter.content.toString(), "2");
      assert.equal(letter.properties.headers?.["x-death"]?.[0]?.reason, "delivery_limit");
    },
  ));

integrationTest("kill -9 in the middle of publishing loses no confirmed message", () => {
  let confirmedCount = 0;
  return acrossKill(
    async (channel) => {
      await channel.assertQueue("work", { arguments: QUORUM });
      const publish = (number: number) => {
        channel.sendToQueue("work", Buffer.from(`${number}`), { persistent: true }, (error) => {
          if (error !== null) return;
          confirmedCount++;
          publish(number + 64);
        });
      };
      for (let number = 0; number < 64; number++) publish(number);
      await waitFor("500 are confirmed", () => confirmedCount >= 500);
    },
    async (channel) => {
      const { messageCount } = await channel.checkQueue("work");
      assert.ok(messageCount >= confirmedCount, `${messageCount} of ${confirmedCount} are there`);
      for (let number = 0; number < messageCount; number++) {
        assert.equal(Number((await next(channel, "work")).content), number);
      }
    },
  );
});

integrationTest("kill -9 keeps exchanges, queues and bindings", () => {
  const declare = async (channel: ConfirmChannel) => {
    await channel.assertExchange("rpc", "topic", { durable: true });
    await channel.assertQueue("work", { arguments: { ...QUORUM, "x-message-ttl": 60_000 } });
  };
  return acrossKill(
    async (channel) => {
      await declare(channel);
      await channel.assertExchange("gone", "topic");
      await channel.assertQueue("gone", { arguments: QUORUM });
      await channel.bindQueue("work", "rpc", "send.email");
      for (const queue of ["work", "gone"]) await channel.bindQueue(queue, "rpc", "unbound");
      await channel.unbindQueue("work", "rpc", "unbound");
      await channel.deleteQueue("gone");
      await channel.deleteExchange("gone");
    },
    async (channel) => {
      // Repeated declarations must be equivalent.
      await declare(channel);
      for (const key of ["unbound", "send.email"]) channel.publish("rpc", key, Buffer.from(key));
      await channel.waitForConfirms();
      assert.equal((await next(channel, "work")).content.toString(), "send.email");
      assert.equal(await channel.get("work"), false);
      assert.deepEqual(await channel.deleteQueue("gone"), { messageCount: 0 });
      await assert.rejects(channel.checkExchange("gone"), /404/);
    },
  );
});

integrationTest("kill -9 does not stop a message's time to live", async () => {
  const ttlMs = 2_000;
  const table = (messageTtlMs: number) => ({
    ...deadLetterTo("work"),
    ...AT_LEAST_ONCE,
    "x-message-ttl": messageTtlMs,
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

integrationTest("kill -9 keeps a dead letter that had nowhere to go", () =>
  acrossKill(
    async (channel) => {
      await channel.assertQueue("work", {
        arguments: { ...deadLetterTo("dead"), ...AT_LEAST_ONCE },
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
