import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type GetMessage,
} from "amqplib";

/** How long a test waits for something that must happen, in milliseconds. */
const LIMIT_MS = 10_000;

/** The arguments of a quorum queue. */
export const QUORUM = { "x-queue-type": "quorum" };

/** Waits for a condition; resolves to its first value that is not `undefined`. */
export async function until<Value>(
  what: string,
  condition: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const deadlineMs = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await condition();
    if (value !== undefined) return value;
    if (Date.now() > deadlineMs) throw new Error(`Gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Asks for a message until there is one. */
export function next(channel: Channel, queue: string): Promise<GetMessage> {
  return until(`a message in ${queue}`, async () => await channel.get(queue) || undefined);
}

/** Publishes one persistent message for each character, and waits for the confirms. */
export async function fill(channel: ConfirmChannel, queue: string, bodies: string): Promise<void> {
  for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
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
  // The death of the broker is what some tests are about.
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

/** The socket of a client, on which a test may say whatever it wants to. */
export function socketOf({ connection }: ChannelModel): Socket {
  assert.ok("stream" in connection && connection.stream instanceof Socket);
  return connection.stream;
}
