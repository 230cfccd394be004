import { ok, rejects } from "node:assert/strict";
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
    await observer.assertQueue(retryQueue(delay), { arguments: { "x-queue-type": "quorum" } });
    const model = await connect(url.href);
    const channel = await model.createChannel();
    channel.on("error", () => {});

    await rejects(declareTopology(channel, [delay]), /PRECONDITION[_-]FAILED/);
    await model.close();
    await observer.deleteQueue(retryQueue(delay));
  },
);
