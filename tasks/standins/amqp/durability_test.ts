import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel } from "amqplib";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import { startStandInsProcess } from "../testing.ts";
import { startAmqpBroker } from "./mod.ts";
import {
  AT_LEAST_ONCE,
  connectClient,
  deadLetterTo,
  drain,
  fill,
  next,
  QUORUM,
} from "./testing.ts";

interface Kept {
  /** Prepares a broker that is killed afterwards. */
  readonly before: (channel: ConfirmChannel) => Promise<void>;
  /** Looks at a new one with the same state. */
  readonly after: (channel: ConfirmChannel) => Promise<void>;
}

async function declareTopology(channel: ConfirmChannel): Promise<void> {
  await channel.assertExchange("rpc", "topic", { durable: true });
  await channel.assertQueue("bound", { arguments: { ...QUORUM, "x-message-ttl": 60_000 } });
}

const TTL_MS = 2_000;
const expiring = (messageTtlMs: number) => ({
  arguments: { ...deadLetterTo("expired"), ...AT_LEAST_ONCE, "x-message-ttl": messageTtlMs },
});
let publishedAtMs = 0;
let restartedAtMs = 0;
let confirmedCount = 0;

const KEPT: Readonly<Record<string, Kept>> = {
  "a message's time to live": {
    async before(channel) {
      await channel.assertQueue("expired", { arguments: QUORUM });
      await channel.assertQueue("short", expiring(1));
      await channel.assertQueue("long", expiring(TTL_MS));
      await channel.assertQueue("forever", expiring(600_000));
      await fill(channel, "forever", "c");
      publishedAtMs = Date.now();
      await fill(channel, "long", "b");
      await fill(channel, "short", "a");
    },
    async after(channel) {
      // It expires between the ends that count from the publication and from the restart.
      const endMs = (publishedAtMs + restartedAtMs) / 2 + TTL_MS;
      await channel.assertQueue("between", expiring(Math.max(0, Math.round(endMs - Date.now()))));
      await fill(channel, "between", "c");
      assert.equal((await next(channel, "expired")).content.toString(), "a");
      const letter = await next(channel, "expired");
      const nowMs = Date.now();
      assert.equal(letter.content.toString(), "b", "it counts from the restart");
      assert.equal(letter.properties.headers?.["x-death"]?.[0]?.queue, "long");
      assert.ok(nowMs - publishedAtMs >= TTL_MS, `it took ${nowMs - publishedAtMs} ms`);
      assert.equal((await channel.checkQueue("forever")).messageCount, 1);
    },
  },
  "confirmed, unacknowledged messages": {
    async before(channel) {
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
    async after(channel) {
      assert.equal(await drain(channel, "work", 3), "3r1 40 50");
      // It reached its delivery limit.
      const letter = await next(channel, "dead");
      assert.equal(letter.content.toString(), "2");
      assert.equal(letter.properties.headers?.["x-death"]?.[0]?.reason, "delivery_limit");
    },
  },
  "a dead letter that had nowhere to go": {
    async before(channel) {
      await channel.assertQueue("source", {
        arguments: { ...deadLetterTo("later"), ...AT_LEAST_ONCE },
      });
      await fill(channel, "source", "a");
      channel.reject(await next(channel, "source"), false);
      assert.equal((await channel.checkQueue("source")).messageCount, 0);
    },
    async after(channel) {
      assert.equal(await channel.get("source"), false);
      await channel.assertQueue("later", { arguments: QUORUM });
      const letter = await next(channel, "later");
      assert.equal(letter.content.toString(), "a");
      assert.equal(letter.properties.headers?.["x-death"]?.[0]?.reason, "rejected");
      assert.equal(await channel.get("later"), false);
    },
  },
  "exchanges, queues and bindings": {
    async before(channel) {
      await declareTopology(channel);
      await channel.assertExchange("gone", "topic");
      await channel.assertQueue("gone", { arguments: QUORUM });
      await channel.bindQueue("bound", "rpc", "send.email");
      for (const queue of ["bound", "gone"]) await channel.bindQueue(queue, "rpc", "unbound");
      await channel.unbindQueue("bound", "rpc", "unbound");
      await channel.deleteQueue("gone");
      await channel.deleteExchange("gone");
    },
    async after(channel) {
      // Repeated declarations must be equivalent.
      await declareTopology(channel);
      for (const key of ["unbound", "send.email"]) channel.publish("rpc", key, Buffer.from(key));
      await channel.waitForConfirms();
      assert.equal((await next(channel, "bound")).content.toString(), "send.email");
      assert.equal(await channel.get("bound"), false);
      assert.deepEqual(await channel.deleteQueue("gone"), { messageCount: 0 });
      await assert.rejects(channel.checkExchange("gone"), /404/);
    },
  },
  "every confirmed message, in the middle of publishing": {
    async before(channel) {
      await channel.assertQueue("flood", { arguments: QUORUM });
      const publish = (number: number) => {
        channel.sendToQueue("flood", Buffer.from(`${number}`), { persistent: true }, (error) => {
          if (error !== null) return;
          confirmedCount++;
          publish(number + 64);
        });
      };
      for (let number = 0; number < 64; number++) publish(number);
      await waitFor("500 are confirmed", () => confirmedCount >= 500);
    },
    async after(channel) {
      const { messageCount } = await channel.checkQueue("flood");
      assert.ok(messageCount >= confirmedCount, `${messageCount} of ${confirmedCount} are there`);
      for (let number = 0; number < messageCount; number++) {
        assert.equal(Number((await next(channel, "flood")).content), number);
      }
    },
  },
};

integrationTest("startAmqpBroker() keeps its state over kill -9", async (context) => {
  await using folder = await temporaryFolder();
  {
    await using broker = await startStandInsProcess(["amqp"], folder.path);
    await using client = await connectClient(broker.variables.AMQP_URL ?? "");
    for (const { before } of Object.values(KEPT)) await before(client.channel);
    await broker.kill();
  }
  restartedAtMs = Date.now();
  await using broker = await startAmqpBroker({ port: 0, stateDirectory: folder.path });
  for (const [what, { after }] of Object.entries(KEPT)) {
    await context.step(what, async () => {
      await using client = await connectClient(broker.url);
      await after(client.channel);
    });
  }
});
