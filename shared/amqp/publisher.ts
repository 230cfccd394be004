import type { ChannelModel, ConfirmChannel, Options } from "amqplib";
import { Buffer } from "node:buffer";
import { Deadlines } from "../time/mod.ts";

/** One message and where it goes. */
export interface Publication {
  /** The exchange; the empty name is the default exchange, which routes by queue name. */
  readonly exchange: string;
  /** The routing key. */
  readonly routingKey: string;
  /** The content. */
  readonly content: Uint8Array;
  /** The properties; `mandatory` must be set for a return to be noticed, `messageId` to tell which message it was. */
  readonly options: Options.Publish;
}

/** What became of a publication. Only `confirmed` means that a queue has it. */
export type PublishOutcome =
  | { readonly status: "confirmed" }
  | { readonly status: "returned" }
  | { readonly status: "rejected" }
  | { readonly status: "unconfirmed"; readonly timeoutMs: number }
  | { readonly status: "blocked"; readonly reason: string }
  | { readonly status: "disconnected"; readonly reason: string };

/** Publishes messages and returns what became of them. */
export interface Publisher {
  /** Publishes one message. What the broker may do is in the outcome, within the publisher's time limit; it does not throw. */
  readonly publish: (publication: Publication) => Promise<PublishOutcome>;
}

/**
 * Publishes with publisher confirms and `mandatory` (https://www.rabbitmq.com/docs/confirms): a message counts as published
 * when the broker has confirmed it *and* not returned it, since one that reaches no queue is confirmed as well.
 *
 * Confirms are pipelined: a publication does not wait for those before it. After each reconnect {@linkcode attach} hands over the
 * new channel.
 */
export class ConfirmedPublisher implements Publisher, Disposable {
  readonly #deadlines: Deadlines;
  #channel: ConfirmChannel | undefined;
  #returned = new Map<string, number>();
  #blockedReason: string | undefined;
  #unconfirmedBytes = 0;

  constructor(confirmTimeoutMs: number) {
    this.#deadlines = new Deadlines(confirmTimeoutMs);
  }

  /** How many bytes of content wait for the broker's answer. They stay in memory, also after a time limit is over. */
  get unconfirmedBytes(): number {
    return this.#unconfirmedBytes;
  }

  /** Publishes on this channel, which is in confirm mode, until it closes. */
  attach(connection: ChannelModel, channel: ConfirmChannel): void {
    this.#blockedReason = undefined;
    connection.on("blocked", (reason) => this.#blockedReason = reason);
    connection.on("unblocked", () => this.#blockedReason = undefined);
    // A count: the same email may be on its way several times at once.
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

  /** Publishes one message; see {@linkcode Publisher}. */
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
    const deadline = this.#deadlines.start(() => resolve({ status: "unconfirmed", timeoutMs }));
    const settle = (outcome: PublishOutcome) => {
      deadline[Symbol.dispose]();
      resolve(outcome);
    };
    // The broker sends the return before the confirm, so that by then it is known.
    const confirmed = (error: Error | null) => {
      this.#unconfirmedBytes -= content.length;
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
      // amqplib throws when the channel is closing but has not said so yet.
      settle({ status: "disconnected", reason: String(error) });
    }
    return promise;
  }

  /** Ends its time limits. */
  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }
}

/** Counts one down; returns whether there was one. */
function takeOne(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key);
  if (count === undefined) return false;
  if (count === 1) counts.delete(key);
  else counts.set(key, count - 1);
  return true;
}
