import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import type { Channel, GetMessage } from "amqplib";
import { emailIdOf } from "./dead_letter.ts";

/** The part of a channel that is used. */
export type LookingChannel = Pick<Channel, "get" | "ack" | "nack" | "checkQueue">;

/**
 * How many messages are given back at once. RabbitMQ 3.10 keeps the order of the messages of one `basic.nack` only up to this
 * many: beyond, it goes through them in the order of a hash map.
 */
const RETURN_BATCH_SIZE = 32;
/** How long the broker may take to put a batch back, before the next one is given back all the same. */
const RETURN_TIMEOUT_MS = 500;

/**
 * The queue of dead letters, for people who look at it.
 *
 * AMQP has no way to look at a message but to take it: what was taken is held here, unacknowledged, until it is removed or given
 * back to its place. Of each held message only its delivery tag is kept, so that many thousands are no matter.
 */
export class DeadLetterQueue {
  readonly #channel: LookingChannel;
  readonly #name: string;
  /** The delivery tags of the messages that are held, in the order of the queue. */
  readonly #held = new Set<number>();

  constructor(channel: LookingChannel, name: string = DEAD_LETTER_QUEUE) {
    this.#channel = channel;
    this.#name = name;
  }

  /** Counts the messages that nobody holds. */
  async count(): Promise<number> {
    const { messageCount } = await this.#channel.checkQueue(this.#name);
    return messageCount;
  }

  /**
   * Takes the messages, one after the other, and holds them. Those that come after the start are left for another time: an email
   * that is requeued may be back in a moment.
   */
  async *messages(signal?: AbortSignal): AsyncGenerator<GetMessage, void, void> {
    for (let left = await this.count(); left > 0 && !signal?.aborted; left--) {
      const message = await this.#channel.get(this.#name);
      if (message === false) return;
      this.#held.add(message.fields.deliveryTag);
      yield message;
    }
  }

  /** Looks for the dead letter of an email; if the email died several times, for the oldest one. */
  async find(
    emailId: string,
    onProgress: (count: number) => void = () => {},
    signal?: AbortSignal,
  ): Promise<GetMessage | undefined> {
    const wanted = emailId.toLowerCase();
    let count = 0;
    for await (const message of this.messages(signal)) {
      if (await emailIdOf(message) === wanted) return message;
      onProgress(++count);
    }
    return undefined;
  }

  /** Removes all messages that are there at the start, for good, and counts them. */
  async removeAll(
    onProgress: (count: number) => void = () => {},
    signal?: AbortSignal,
  ): Promise<number> {
    let count = 0;
    for await (const message of this.messages(signal)) {
      this.remove(message);
      onProgress(++count);
    }
    return count;
  }

  /** Removes a message that is held, for good. */
  remove(message: GetMessage): void {
    this.#held.delete(message.fields.deliveryTag);
    this.#channel.ack(message);
  }

  /**
   * Gives all messages that are held back to their places. A queue without a delivery limit appends what is given back (RabbitMQ
   * 3.10), so that the order is the same only once every message was taken and given back.
   */
  async giveBack(): Promise<void> {
    if (this.#held.size > 0) await this.#takeTheRest();
    const tags = [...this.#held];
    this.#held.clear();
    for (let start = 0; start < tags.length; start += RETURN_BATCH_SIZE) {
      const batch = tags.slice(start, start + RETURN_BATCH_SIZE);
      const ready = await this.count();
      this.#giveBackUpTo(batch.at(-1) ?? 0);
      await this.#untilReady(ready + batch.length);
    }
  }

  async #takeTheRest(): Promise<void> {
    for (;;) {
      const message = await this.#channel.get(this.#name);
      if (message === false) return;
      this.#held.add(message.fields.deliveryTag);
    }
  }

  /** Gives back all that is held up to a delivery tag (`multiple` of `basic.nack`, AMQP 0-9-1 with RabbitMQ's extension). */
  #giveBackUpTo(deliveryTag: number): void {
    // amqplib wants a message and reads the tag.
    const message = { fields: { deliveryTag } } as GetMessage;
    this.#channel.nack(message, true, true);
  }

  /** `basic.nack` has no answer. Until the messages are back, those of the next batch could overtake them. */
  async #untilReady(count: number): Promise<void> {
    const giveUpAt = performance.now() + RETURN_TIMEOUT_MS;
    while (await this.count() < count && performance.now() < giveUpAt);
  }
}
