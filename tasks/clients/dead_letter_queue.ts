import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import type { Channel, GetMessage } from "amqplib";
import { emailIdOf } from "./dead_letter.ts";

type LookingChannel = Pick<Channel, "get" | "ack" | "nack" | "checkQueue">;

/** RabbitMQ 3.10 keeps the order of the messages of one `basic.nack` only up to 32: beyond, it goes by a hash map. */
const RETURN_BATCH_SIZE = 32;
/** After this, the next batch is given back although the broker has not put this one back. */
const RETURN_TIMEOUT_MS = 500;

/**
 * The queue of dead letters, for people who look at it.
 *
 * In AMQP, looking at a message means taking it: it is held here, unacknowledged, until it is removed or given back to its place.
 * Only the delivery tags of held messages are kept, so that there may be many thousands.
 */
export class DeadLetterQueue {
  readonly #channel: LookingChannel;
  readonly #name: string;
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

  /** Takes and holds the messages that are there at the start: one that is requeued may be back in a moment. */
  async *messages(signal?: AbortSignal): AsyncGenerator<GetMessage, void, void> {
    for (let left = await this.count(); left > 0 && !signal?.aborted; left--) {
      const message = await this.#take();
      if (message === false) return;
      yield message;
    }
  }

  /** Looks for the dead letter of an email, the oldest if there are several. */
  async find(emailId: string, signal?: AbortSignal): Promise<GetMessage | undefined> {
    const wanted = emailId.toLowerCase();
    for await (const message of this.messages(signal)) {
      if (await emailIdOf(message) === wanted) return message;
    }
    return undefined;
  }

  remove(message: GetMessage): void {
    this.#held.delete(message.fields.deliveryTag);
    this.#channel.ack(message);
  }

  /**
   * Gives all held messages back to their places. RabbitMQ 3.10 appends what is given back to a queue without a delivery limit:
   * the order stays the same only if every message is taken and given back.
   */
  async giveBack(): Promise<void> {
    if (this.#held.size === 0) return;
    while (await this.#take() !== false);
    const tags = [...this.#held];
    this.#held.clear();
    for (let start = 0; start < tags.length; start += RETURN_BATCH_SIZE) {
      const batch = tags.slice(start, start + RETURN_BATCH_SIZE);
      const ready = await this.count();
      // All up to this tag (`multiple` of `basic.nack`). amqplib wants a message and reads the tag.
      const last = { fields: { deliveryTag: batch.at(-1) ?? 0 } } as GetMessage;
      this.#channel.nack(last, true, true);
      // It has no answer. Until the messages are back, those of the next batch could overtake them.
      const giveUpAt = performance.now() + RETURN_TIMEOUT_MS;
      while (await this.count() < ready + batch.length && performance.now() < giveUpAt);
    }
  }

  async #take(): Promise<GetMessage | false> {
    const message = await this.#channel.get(this.#name);
    if (message !== false) this.#held.add(message.fields.deliveryTag);
    return message;
  }
}
