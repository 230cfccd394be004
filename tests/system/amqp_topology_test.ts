import { deepEqual, ok, rejects } from "node:assert/strict";
import {
  DEAD_LETTER_QUEUE,
  declareTopology,
  QUEUE,
  retryQueue,
  ROUTING_KEY,
} from "@playground/shared/amqp";
import { waitFor } from "@playground/shared/testing";
import { type Channel, connect } from "amqplib";
import { connectedTest, publication } from "../fixture/amqp_client.ts";

/** Takes the message of an id from a queue, whatever else waits there; that goes back when the channel closes. */
async function take(channel: Channel, queue: string, id: unknown) {
  for (;;) {
    const message = await channel.get(queue);
    if (message === false || message.properties.messageId === id) return message;
  }
}

/** The queue of a delay of its own is deleted at the end. */
const SHORT = { text: "150ms", milliseconds: 150 };

connectedTest(
  "declareTopology() leads an email to its queue, called once or twice",
  async ({ publisher, observer }) => {
    const email = publication(ROUTING_KEY);
    deepEqual(await publisher.publish(email), { status: "confirmed" });

    const message = await take(observer, QUEUE, email.options.messageId);
    ok(message);
    observer.ack(message);
    deepEqual(new Uint8Array(message.content), email.content);
    const { contentType, deliveryMode, timestamp, appId, headers } = message.properties;
    deepEqual({ contentType, deliveryMode, timestamp, appId, attempt: headers?.["x-attempt"] }, {
      contentType: "application/json",
      deliveryMode: 2,
      timestamp: 1_700_000_000,
      appId: "test/0",
      attempt: 1,
    });
  },
  {
    prepare: async (channel) => {
      await declareTopology(channel);
      await declareTopology(channel);
    },
  },
);

connectedTest(
  "declareTopology() makes what waits in a retry queue come back",
  async ({ publisher, observer }) => {
    const email = { ...publication(retryQueue(SHORT)), exchange: "" };
    const publishedAt = performance.now();
    deepEqual(await publisher.publish(email), { status: "confirmed" });

    await waitFor("the email came back", async () => {
      const message = await take(observer, QUEUE, email.options.messageId);
      if (message) observer.ack(message);
      return message !== false;
    });
    ok(performance.now() - publishedAt >= SHORT.milliseconds);
    await observer.deleteQueue(retryQueue(SHORT));
  },
  { prepare: (channel) => declareTopology(channel, [SHORT]) },
);

connectedTest(
  "declareTopology() makes what the emailer rejects a dead letter",
  async ({ publisher, observer }) => {
    const email = publication(ROUTING_KEY);
    const { messageId } = email.options;
    await publisher.publish(email);

    const message = await take(observer, QUEUE, messageId);
    ok(message);
    observer.reject(message, false);
    await waitFor("the email is a dead letter", async () => {
      const dead = await take(observer, DEAD_LETTER_QUEUE, messageId);
      if (dead) observer.ack(dead);
      return dead !== false;
    });
  },
);

connectedTest(
  "declareTopology() rejects when a queue exists with other arguments",
  async ({ observer }, url) => {
    const delay = { text: `${crypto.randomUUID()}s`, milliseconds: 1_000 };
    await observer.assertQueue(retryQueue(delay), { durable: true });
    const model = await connect(url.href);
    const channel = await model.createChannel();
    channel.on("error", () => {});

    await rejects(declareTopology(channel, [delay]), /PRECONDITION[_-]FAILED/);
    await model.close();
    await observer.deleteQueue(retryQueue(delay));
  },
);
