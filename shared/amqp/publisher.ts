import type { ChannelModel, ConfirmChannel, Options } from "amqplib";
import { Buffer } from "node:buffer";
import type { Readiness } from "../lifecycle/health.ts";
import { Deadlines } from "../time/mod.ts";

/** One message and where it goes. */
export interface Publication {
  /** The exchange; the empty name is the default exchange, which routes by queue name. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Uint8Array;
  /** The properties; `mandatory` must be set to detect a return, `messageId` to identify the message. */
  readonly options: Options.Publish;
}

/** The outcome of a publication. Only `confirmed` means that a queue has it. */
export type PublishOutcome =
  | { readonly status: "confirmed" }
  | { readonly status: "returned" }
  | { readonly status: "rejected" }
  | { readonly status: "unconfirmed"; readonly timeoutMs: number }
  | { readonly status: "blocked"; readonly reason: string }
  | { readonly status: "disconnected"; readonly reason: string };

/** Publishes messages and returns their outcomes. */
export interface Publisher {
  /** Publishes one message. The outcome comes within the publisher's time limit; a failure of the broker does not throw. */
  readonly publish: (publication: Publication) => Promise<PublishOutcome>;
}

/** How long a publication without its confirm counts against the broker. Then others are due to try. */
const DOUBT_MS = 10_000;

/**
 * Publishes with publisher confirms and `mandatory` (https://www.rabbitmq.com/docs/confirms): a message counts as published when
 * the broker has confirmed it *and* not returned it, since one that reaches no queue is confirmed as well.
 *
 * Confirms are pipelined: a publication does not wait for earlier ones. After each reconnect {@linkcode attach} hands over the
 * new channel.
 */
export class ConfirmedPublisher implements Publisher, Disposable {
  readonly #deadlines: Deadlines;
  #channel: ConfirmChannel | undefined;
  #returned = new Map<string, number>();
  #blockedReason: string | undefined;
  #unconfirmedBytes = 0;
  /** By `performance.now()`. */
  #doubtfulUntilMs = 0;

  constructor(confirmTimeoutMs: number) {
    this.#deadlines = new Deadlines(confirmTimeoutMs);
  }

  /** How many bytes of content wait for the broker's answer. They stay in memory even after a time limit. */
  get unconfirmedBytes(): number {
    return this.#unconfirmedBytes;
  }

  /** Whether the broker confirms messages, as far as is known. A silent one may still look connected for half a minute. */
  get readiness(): Readiness {
    return performance.now() < this.#doubtfulUntilMs
      ? { ready: false, reason: "RabbitMQ does not confirm messages" }
      : { ready: true };
  }

  /** Publishes on this channel, which is in confirm mode, until it closes. */
  attach(connection: ChannelModel, channel: ConfirmChannel): void {
    this.#blockedReason = undefined;
    this.#doubtfulUntilMs = 0;
    connection.on("blocked", (reason) => this.#blockedReason = reason);
    connection.on("unblocked", () => this.#blockedReason = undefined);
    // A count: the same email may be in flight several times at once.
    const returned = new Map<string, number>();
    channel.on("return", ({ properties }) => {
      const id = String(properties.messageId);
      returned.set(id, (returned.get(id) ?? 0) + 1);
    });
    // Before amqplib's own listener, which fails the publications that are still unconfirmed.
    channel.prependListener("close", () => {
      if (this.#channel === channel) this.#channel = undefined;
    });
    this.#channel = channel;
    this.#returned = returned;
  }

  publish({ exchange, routingKey, content, options }: Publication): Promise<PublishOutcome> {
    const channel = this.#channel;
    const returned = this.#returned;
    if (channel === undefined) {
      return Promise.resolve({ status: "disconnected", reason: "there is no connection" });
    }
    if (this.#blockedReason !== undefined) {
      return Promise.resolve({ status: "blocked", reason: this.#blockedReason });
    }
    const { promise, resolve } = Promise.withResolvers<PublishOutcome>();
    const { timeoutMs } = this.#deadlines;
    const deadline = this.#deadlines.start(() => {
      this.#doubtfulUntilMs = performance.now() + DOUBT_MS;
      resolve({ status: "unconfirmed", timeoutMs });
    });
    const settle = (outcome: PublishOutcome) => {
      deadline[Symbol.dispose]();
      resolve(outcome);
    };
    // The broker sends the return before the confirm.
    const confirmed = (error: Error | null) => {
      this.#unconfirmedBytes -= content.length;
      if (error === null) this.#doubtfulUntilMs = 0;
      const wasReturned = takeOne(returned, String(options.messageId));
      if (error === null) settle({ status: wasReturned ? "returned" : "confirmed" });
      else if (this.#channel === channel) settle({ status: "rejected" });
      else settle({ status: "disconnected", reason: "the connection broke before the confirm" });
    };
    try {
      const { buffer, byteOffset, length } = content;
      const bytes = Buffer.from(buffer, byteOffset, length);
      channel.publish(exchange, routingKey, bytes, options, confirmed);
      this.#unconfirmedBytes += content.length;
    } catch (error) {
      // amqplib throws when the channel is closing but has not emitted "close" yet.
      settle({ status: "disconnected", reason: String(error) });
    }
    return promise;
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }
}

/** Decrements a count; returns whether there was one. */
function takeOne(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key);
  if (count === undefined) return false;
  if (count === 1) counts.delete(key);
  else counts.set(key, count - 1);
  return true;
}
