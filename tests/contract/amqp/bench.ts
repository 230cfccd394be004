/**
 * What the system relies on in a message broker, run against the embedded stand-in and, where `TEST_AMQP_URL` names
 * one, against RabbitMQ. Where both differ, the stand-in is wrong.
 *
 * {@linkcode contract} registers a test for both; it is given a {@linkcode Bench} with names of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type GetMessage,
  type Options,
} from "amqplib";
import { contractTargets, integrationTest } from "@playground/shared/testing";
import { startAmqpBroker } from "../../../tasks/standins/amqp/mod.ts";

const LIMIT_MS = 8_000;

/** The arguments of a quorum queue. */
export const QUORUM = { "x-queue-type": "quorum" };

/** The arguments table of a declaration. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * Waits for a condition.
 *
 * @throws {Error} If there is none in time.
 */
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

/** One test's view of a broker: unique names, and everything is gone afterwards. */
export class Bench implements AsyncDisposable {
  /** The broker. */
  readonly url: string;
  readonly #suffix = crypto.randomUUID().slice(0, 8);
  readonly #connections = new Set<ChannelModel>();
  readonly #queues = new Set<string>();
  readonly #exchanges = new Set<string>();

  constructor(url: string) {
    this.url = url;
  }

  /** A queue's name that is deleted afterwards. */
  queueName(name = "queue"): string {
    const unique = `${name}.${this.#suffix}`;
    this.#queues.add(unique);
    return unique;
  }

  /** An exchange's name that is deleted afterwards. */
  exchangeName(name = "exchange"): string {
    const unique = `${name}.${this.#suffix}`;
    this.#exchanges.add(unique);
    return unique;
  }

  /** A connection that is closed afterwards. */
  async connect(): Promise<ChannelModel> {
    const connection = await connect(this.url, { noDelay: true });
    connection.on("error", () => {});
    this.#connections.add(connection);
    return connection;
  }

  /** A channel with confirms, on a connection of its own unless one is given. */
  async channel(connection?: ChannelModel): Promise<ConfirmChannel> {
    const channel = await (connection ?? await this.connect()).createConfirmChannel();
    channel.on("error", () => {});
    return channel;
  }

  /** Declares a durable queue that is deleted afterwards. */
  async queue(channel: Channel, table: Arguments = {}, name = "queue"): Promise<string> {
    const unique = this.queueName(name);
    await channel.assertQueue(unique, { durable: true, arguments: table });
    return unique;
  }

  /** Declares a durable exchange that is deleted afterwards. */
  async exchange(channel: Channel, type: string, name = "exchange"): Promise<string> {
    const unique = this.exchangeName(name);
    await channel.assertExchange(unique, type, { durable: true });
    return unique;
  }

  /** Ends a TCP connection without a word, as the death of the client's process does. */
  cut(model: ChannelModel): void {
    this.#connections.delete(model);
    const { connection } = model;
    assert.ok("stream" in connection && connection.stream instanceof Object);
    assert.ok("destroy" in connection.stream && connection.stream.destroy instanceof Function);
    connection.stream.destroy(new Error("cut by the test"));
  }

  /** Closes the connections and deletes what was declared. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) await connection.close().catch(() => {});
    const cleaner = await connect(this.url, { noDelay: true });
    const channel = await cleaner.createChannel();
    for (const queue of this.#queues) await channel.deleteQueue(queue);
    for (const exchange of this.#exchanges) await channel.deleteExchange(exchange);
    await cleaner.close();
  }
}

const targets = contractTargets(
  "TEST_AMQP_URL",
  () => startAmqpBroker({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers a test for both targets. */
export function contract(name: string, run: (bench: Bench) => Promise<void>): void {
  for (const target of targets) {
    integrationTest(`${target.name} broker: ${name}`, async () => {
      await using component = await target.start();
      await using bench = new Bench(component.url);
      await run(bench);
    }, target.ignoredBecause === undefined ? {} : { ignoredBecause: target.ignoredBecause });
  }
}

/** Publishes one persistent message for each character, and waits for the confirms. */
export async function fill(channel: ConfirmChannel, queue: string, bodies: string): Promise<void> {
  for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
  await channel.waitForConfirms();
}

/** Asks for a message until there is one. */
export function next(
  channel: Channel,
  queue: string,
  options: Options.Get = {},
): Promise<GetMessage> {
  return until(`a message in ${queue}`, async () => {
    const message = await channel.get(queue, options);
    return message === false ? undefined : message;
  });
}

/** Asks for so many messages until they are there. */
export function take(channel: Channel, queue: string, count: number): Promise<GetMessage[]> {
  return Array.fromAsync({ length: count }, () => next(channel, queue));
}

/** Empties a queue: each message as its body, `r` if redelivered, and the delivery count if there is one. */
export async function drain(channel: Channel, queue: string, count: number): Promise<string> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { content, fields, properties } = await next(channel, queue, { noAck: true });
    const deliveries = properties.headers?.["x-delivery-count"] ?? "";
    seen.push(`${content}${fields.redelivered ? "r" : ""}${deliveries}`);
  }
  assert.equal(await channel.get(queue), false, "the queue is empty afterwards");
  return seen.join(" ");
}

/** Asks the queue until its count is as expected: what is given back arrives a little later in RabbitMQ. */
export async function messagesWait(channel: Channel, queue: string, count: number): Promise<void> {
  await until(`${count} messages in ${queue}`, async () => {
    return (await channel.checkQueue(queue)).messageCount === count || undefined;
  });
}

/** Publishes and resolves to whether the broker confirmed it. */
export function isConfirmed(
  channel: ConfirmChannel,
  queue: string,
  body: string,
): Promise<boolean> {
  return new Promise((resolve) => {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true }, (error) => {
      resolve(error === null || error === undefined);
    });
  });
}
