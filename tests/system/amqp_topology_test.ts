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
import {
  clientTest,
  connected,
  openClient,
  openObserver,
  publication,
} from "../fixture/amqp_client.ts";

/** Takes the message of an id from a queue, whatever else waits there; that goes back when the channel closes. */
async function take(channel: Channel, queue: string, id: string) {
  for (;;) {
    const message = await channel.get(queue);
    if (message === false) return undefined;
    if (message.properties.messageId !== id) continue;
    channel.ack(message);
    return message;
  }
}

clientTest("declareTopology() leads an email to its queue, called once or twice", async (url) => {
  await using client = await openClient({
    urls: [url],
    prepare: async (channel) => {
      await declareTopology(channel);
      await declareTopology(channel);
    },
  });
  await connected(client);
  const email = publication(ROUTING_KEY);
  deepEqual(await client.publisher.publish(email), { status: "confirmed" });

  await using observer = await openObserver(url);
  const message = await take(observer.channel, QUEUE, String(email.options.messageId));
  ok(message);
  deepEqual(new Uint8Array(message.content), email.content);
  const { contentType, deliveryMode, timestamp, appId, headers } = message.properties;
  deepEqual({ contentType, deliveryMode, timestamp, appId, attempt: headers?.["x-attempt"] }, {
    contentType: "application/json",
    deliveryMode: 2,
    timestamp: 1_700_000_000,
    appId: "test/0",
    attempt: 1,
  });
});

clientTest("declareTopology() makes what waits in a retry queue come back", async (url) => {
  const delay = { text: "150ms", milliseconds: 150 };
  await using client = await openClient({
    urls: [url],
    prepare: (channel) => declareTopology(channel, [delay]),
  });
  await connected(client);
  const email = { ...publication(retryQueue(delay)), exchange: "" };
  const publishedAt = performance.now();
  deepEqual(await client.publisher.publish(email), { status: "confirmed" });

  await using observer = await openObserver(url);
  await waitFor(
    "the email came back",
    async () => await take(observer.channel, QUEUE, String(email.options.messageId)) !== undefined,
  );
  ok(performance.now() - publishedAt >= delay.milliseconds);
  await observer.channel.deleteQueue(retryQueue(delay));
});

clientTest("declareTopology() makes what the emailer rejects a dead letter", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  const email = publication(ROUTING_KEY);
  const id = String(email.options.messageId);
  await client.publisher.publish(email);

  await using observer = await openObserver(url);
  const { channel } = observer;
  let message = await channel.get(QUEUE);
  while (message !== false && message.properties.messageId !== id) {
    message = await channel.get(QUEUE);
  }
  ok(message !== false);
  channel.reject(message, false);
  await waitFor(
    "the email is a dead letter",
    async () => await take(channel, DEAD_LETTER_QUEUE, id) !== undefined,
  );
});

clientTest("declareTopology() rejects when a queue exists with other arguments", async (url) => {
  const delay = { text: `${crypto.randomUUID()}s`, milliseconds: 1_000 };
  await using observer = await openObserver(url);
  await observer.channel.assertQueue(retryQueue(delay), {
    arguments: { "x-queue-type": "quorum" },
  });
  const model = await connect(url.href);
  const channel = await model.createChannel();
  channel.on("error", () => {});

  await rejects(declareTopology(channel, [delay]), /PRECONDITION[_-]FAILED/);
  await model.close();
  await observer.channel.deleteQueue(retryQueue(delay));
});
