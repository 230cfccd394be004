import type { Message } from "./message.ts";
import type { Queue, QueueConsumer } from "./queue.ts";

/** What a consumer needs of its channel. */
export interface ConsumerChannel {
  /** Whether the client does not read fast enough to be sent more now. */
  readonly isCongested: boolean;
  /** Sends a message to the client. */
  deliver(consumer: Consumer, message: Message): void;
  /** Tells the client that the consumer has ended. */
  consumerCancelled(consumer: Consumer): void;
}

/** What a consumer is started with. */
export interface ConsumerOptions {
  /** Its name on the channel. */
  readonly tag: string;
  /** How many messages it may have unacknowledged; 0 for any number. */
  readonly prefetchCount: number;
  /** Whether no other consumer may use the queue. */
  readonly isExclusive: boolean;
  /** Whether a delivery counts as acknowledged. */
  readonly isAutoAcknowledging: boolean;
}

/** A consumer of a channel. */
export class Consumer implements QueueConsumer, ConsumerOptions {
  /** Its name on the channel. */
  readonly tag: string;
  /** How many messages it may have unacknowledged; 0 for any number. */
  readonly prefetchCount: number;
  /** Whether no other consumer may use the queue. */
  readonly isExclusive: boolean;
  /** Whether a delivery counts as acknowledged. */
  readonly isAutoAcknowledging: boolean;
  /** Where its messages come from. */
  readonly queue: Queue;
  readonly #channel: ConsumerChannel;
  #unackedCount = 0;

  constructor(queue: Queue, channel: ConsumerChannel, options: ConsumerOptions) {
    this.queue = queue;
    this.#channel = channel;
    this.tag = options.tag;
    this.prefetchCount = options.prefetchCount;
    this.isExclusive = options.isExclusive;
    this.isAutoAcknowledging = options.isAutoAcknowledging;
  }

  /** Whether it can take a message now. */
  get canTake(): boolean {
    const isFull = !this.isAutoAcknowledging && this.prefetchCount !== 0 &&
      this.#unackedCount >= this.prefetchCount;
    return !isFull && !this.#channel.isCongested;
  }

  /** Takes a message. */
  deliver(message: Message): void {
    if (!this.isAutoAcknowledging) this.#unackedCount++;
    this.#channel.deliver(this, message);
  }

  /** Learns that one of its messages was settled. */
  settled(): void {
    this.#unackedCount--;
  }

  /** Learns that the queue is gone. */
  queueDeleted(): void {
    this.#channel.consumerCancelled(this);
  }
}
