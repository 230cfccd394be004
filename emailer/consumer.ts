import { getLogger } from "@logtape/logtape";
import type { Channel, ConsumeMessage } from "amqplib";
import { QUEUE } from "@playground/shared/amqp";
import type { Receive } from "./receive.ts";

/** The part of a channel that is used. */
export type ConsumingChannel = Pick<Channel, "prefetch" | "consume" | "cancel" | "ack" | "nack">;

/** What consuming needs. */
export interface ConsumerOptions {
  /** Handles one delivery. */
  readonly receive: Receive;
  /** How many deliveries are handled at once. */
  readonly prefetch: number;
}

/** How long a stop waits for the deliveries in flight; the broker gives the others to somebody else. */
const DRAIN_TIMEOUT_MS = 8_000;
/** A message that could not be brought to safety goes back to the queue after this, lest it come again at once. */
const REQUEUE_DELAY_MS = 1_000;

/**
 * Takes messages from the queue and acknowledges each one only once it is delivered or safe.
 *
 * The channel belongs to a connection that comes and goes: {@linkcode attach} consumes on the new one. What was not
 * acknowledged on the old one is delivered again by the broker.
 */
export class EmailConsumer {
  readonly #receive: Receive;
  readonly #prefetch: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #logger = getLogger(["emailer"]);
  #stop: (() => Promise<void>) | undefined;

  /**
   * Makes a consumer that consumes nothing yet.
   *
   * @param options What it needs.
   */
  constructor({ receive, prefetch }: ConsumerOptions) {
    this.#receive = receive;
    this.#prefetch = prefetch;
  }

  /**
   * Consumes on this channel.
   *
   * @param channel A fresh channel.
   * @param onCancelled Called when the broker ends the consuming: the queue was deleted, or its node went away.
   */
  async attach(channel: ConsumingChannel, onCancelled: () => void): Promise<void> {
    await channel.prefetch(this.#prefetch);
    const { consumerTag } = await channel.consume(QUEUE, (message) => {
      if (message === null) {
        this.#logger.warn("RabbitMQ cancelled the consumer; connecting anew");
        onCancelled();
        return;
      }
      const handled = this.#handle(channel, message).finally(() => this.#inFlight.delete(handled));
      this.#inFlight.add(handled);
    });
    this.#stop = async () => {
      await channel.cancel(consumerTag);
    };
  }

  /** Takes no further message and waits for those in flight, within a bound. */
  async drain(): Promise<void> {
    // Without a connection there is nothing to cancel.
    await this.#stop?.().catch((error) => this.#logger.debug("{error}", { error }));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, DRAIN_TIMEOUT_MS);
    await Promise.race([Promise.allSettled(this.#inFlight), promise]);
    clearTimeout(timer);
  }

  async #handle(channel: ConsumingChannel, message: ConsumeMessage): Promise<void> {
    try {
      const disposition = await this.#receive(message);
      if (disposition.outcome === "requeued") await this.#requeue(channel, message);
      else channel.ack(message);
    } catch (error) {
      // A bug, or the channel closed meanwhile and the broker delivers the message again by itself.
      this.#logger.error("Cannot settle a message: {error}", { error });
      await this.#requeue(channel, message);
    }
  }

  async #requeue(channel: ConsumingChannel, message: ConsumeMessage): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, REQUEUE_DELAY_MS));
    try {
      channel.nack(message, false, true);
    } catch (error) {
      this.#logger.debug("The channel is closed; the broker requeues the message: {error}", {
        error,
      });
    }
  }
}
