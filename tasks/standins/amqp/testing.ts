import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import { integrationTest, waitFor } from "@playground/shared/testing";
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type GetMessage,
} from "amqplib";

import { startAmqpBroker } from "./mod.ts";

export const QUORUM = { "x-queue-type": "quorum" };

/** The further arguments of a queue that keeps a dead letter until its target has it. */
export const AT_LEAST_ONCE = {
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
};

/** The arguments of a quorum queue whose dead messages go to another one. */
export function deadLetterTo(queue: string) {
  return { ...QUORUM, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue };
}

/** Asks for a message until there is one. */
export function next(channel: Channel, queue: string): Promise<GetMessage> {
  return waitFor(`a message is in ${queue}`, () => channel.get(queue));
}

/** Empties a queue: each message as its body, `r` if redelivered, and its delivery count. */
export async function drain(channel: Channel, queue: string, count: number): Promise<string> {
  const seen: string[] = [];
  while (seen.length < count) {
    const message = await next(channel, queue);
    channel.ack(message);
    const { content, fields, properties } = message;
    const count = properties.headers?.["x-delivery-count"];
    seen.push(`${content}${fields.redelivered ? "r" : ""}${count}`);
  }
  assert.equal(await channel.get(queue), false, "the queue is empty afterwards");
  return seen.join(" ");
}

/** Publishes persistent messages, such as one for each character of a text, and waits for the confirms. */
export async function fill(
  channel: ConfirmChannel,
  queue: string,
  bodies: Iterable<string | Buffer>,
  headers?: Record<string, unknown>,
): Promise<void> {
  for (const body of bodies) {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true, headers });
  }
  await channel.waitForConfirms();
}

/** A client, which may outlive its broker, with one channel, whose number is 1. */
export interface Client extends AsyncDisposable {
  readonly model: ChannelModel;
  readonly channel: ConfirmChannel;
  /** The reason when the connection ends other than by the client's own will. */
  readonly failure: Promise<string>;
}

export async function connectClient(url: string): Promise<Client> {
  const model = await connect(url, { noDelay: true });
  const ended = new Promise<void>((resolve) => model.once("close", () => resolve()));
  // Some tests kill the broker.
  const failure = new Promise<string>((resolve) => {
    model.on("error", ({ message }) => resolve(message));
  });
  const channel = await model.createConfirmChannel();
  channel.on("error", () => {});
  const end = async () => {
    await model.close().catch(() => {});
    await ended;
  };
  return { model, channel, failure, [Symbol.asyncDispose]: end };
}

export function brokerTest(
  name: string,
  run: (client: Client, url: string) => Promise<void>,
): void {
  integrationTest(name, async () => {
    await using broker = await startAmqpBroker({ port: 0 });
    await using client = await connectClient(broker.url);
    await run(client, broker.url);
  });
}

/** The socket of a client, for arbitrary bytes. */
export function socketOf({ connection }: ChannelModel): Socket {
  assert.ok("stream" in connection && connection.stream instanceof Socket);
  return connection.stream;
}
