import { DEAD_LETTER_QUEUE, emailIdOf } from "@playground/shared/amqp";
import { type Sleep, sleep, waitAtMost } from "@playground/shared/time";
import type { Channel, ChannelModel, GetMessage } from "amqplib";

type LookingChannel =
  & Pick<Channel, "get" | "ack" | "nack" | "checkQueue" | "close">
  & { once(event: "close", listener: () => void): unknown };

/** RabbitMQ 3.10 keeps the order of at most 32 messages of one `basic.nack`: above that it iterates over a hash map. */
const RETURN_BATCH_SIZE = 32;
/** If the broker has not requeued a batch after this time, somebody else has taken it: the others are given back at once. */
const RETURN_TIMEOUT_MS = 3_000;
const COUNT_INTERVAL_MS = 250;
/** A broker that blocks our publishing reads nothing more from the connection, as long as that lasts. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * The queue of dead letters, for people who look at it.
 *
 * In AMQP, looking at a message means taking it: it is held here, unacknowledged, until it is removed or given back to its place.
 * Only the delivery tags of held messages are kept, so that many thousands fit. Disposing gives them back and closes the channel.
 * If that breaks, the broker gives them back, in any order.
 */
export class DeadLetterQueue implements AsyncDisposable {
  readonly #channel: LookingChannel;
  readonly #name: string;
  readonly #held = new Set<number>();
  #isOpen = true;
  #failTake: (reason: Error) => void = () => {};

  /** Looks on a channel of its own: if that breaks, nothing else does. */
  static async open(connection: ChannelModel, name?: string): Promise<DeadLetterQueue> {
    const channel = await connection.createChannel();
    // The pending call fails as well.
    channel.on("error", () => {});
    return new DeadLetterQueue(channel, name);
  }

  constructor(channel: LookingChannel, name: string = DEAD_LETTER_QUEUE) {
    this.#channel = channel;
    this.#name = name;
    channel.once("close", () => {
      this.#isOpen = false;
      this.#failTake(new Error("the connection to RabbitMQ broke"));
    });
  }

  /** Counts the messages that no consumer holds. */
  async count(): Promise<number> {
    const { messageCount } = await this.#answer(this.#channel.checkQueue(this.#name));
    return messageCount;
  }

  /**
   * Takes and holds the messages that are there at the start. Later ones are left alone: a requeued email may soon be a dead
   * letter again.
   */
  async *messages(signal?: AbortSignal): AsyncGenerator<GetMessage, void, void> {
    for (let left = await this.count(); left > 0 && !signal?.aborted; left--) {
      const message = await this.#take();
      if (message === false) return;
      yield message;
    }
  }

  /** Looks for the oldest dead letter of each email, and stops when all are found. */
  async *find(
    emailIds: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<GetMessage, void, void> {
    const wanted = new Set(emailIds.map((id) => id.toLowerCase()));
    if (wanted.size === 0) return;
    for await (const message of this.messages(signal)) {
      if (wanted.delete(await emailIdOf(message))) yield message;
      if (wanted.size === 0) return;
    }
  }

  /**
   * Removes a message for good.
   *
   * @throws {Error} If the broker may not have removed it.
   */
  async remove(message: GetMessage): Promise<void> {
    this.#held.delete(message.fields.deliveryTag);
    this.#channel.ack(message);
    // `basic.ack` has no answer, but the next command has one.
    await this.count();
  }

  /**
   * Gives all held messages back. A queue with a delivery limit puts them behind those that were given back earlier, and before
   * the others. So those are taken as well, and the order stays the same; an abort ends the taking.
   */
  async giveBack(signal?: AbortSignal): Promise<void> {
    if (this.#held.size === 0) return;
    for (let isReturned = true; isReturned && !signal?.aborted;) {
      const message = await this.#take();
      isReturned = message !== false && message.fields.redelivered;
    }
    let isInTime = true;
    const tags = [...this.#held];
    this.#held.clear();
    for (let start = 0; start < tags.length; start += RETURN_BATCH_SIZE) {
      const batch = tags.slice(start, start + RETURN_BATCH_SIZE);
      const ready = await this.count();
      // All up to this tag (`multiple` of `basic.nack`). amqplib wants a message and reads the tag.
      const last = { fields: { deliveryTag: batch.at(-1) ?? 0 } } as GetMessage;
      this.#channel.nack(last, true, true);
      // `basic.nack` has no answer. Until its messages are back, those of the next batch could overtake them.
      const giveUpAt = performance.now() + RETURN_TIMEOUT_MS;
      while (isInTime && await this.count() < ready + batch.length) {
        isInTime = performance.now() < giveUpAt;
      }
    }
  }

  /** Whether messages come into the queue within some time, such as those that another program gives back. */
  async grows(withinMs: number, signal?: AbortSignal, pause: Sleep = sleep): Promise<boolean> {
    let before = await this.count();
    for (let leftMs = withinMs; leftMs > 0 && !signal?.aborted; leftMs -= COUNT_INTERVAL_MS) {
      await pause(COUNT_INTERVAL_MS, signal);
      const now = await this.count();
      if (now > before) return true;
      before = now;
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    await this.giveBack();
    await this.#answer(this.#channel.close());
  }

  /** Waits for an answer of the broker. Without one it closes the channel, which gives everything back at some time. */
  async #answer<Answer>(answer: Promise<Answer>): Promise<Answer> {
    if (await waitAtMost(ANSWER_TIMEOUT_MS, answer)) return await answer;
    if (this.#isOpen) this.#channel.close().catch(() => {});
    this.#isOpen = false;
    throw new Error("RabbitMQ does not answer");
  }

  async #take(): Promise<GetMessage | false> {
    // amqplib forgets a `basic.get` whose message breaks off, or which it cannot read.
    const { promise: broken, reject } = Promise.withResolvers<never>();
    this.#failTake = reject;
    const message = await this.#answer(Promise.race([broken, this.#channel.get(this.#name)]));
    if (message !== false) this.#held.add(message.fields.deliveryTag);
    return message;
  }
}
