import type { Message } from "./message.ts";
import type { Queue, QueueConsumer } from "./queue.ts";

/** What a consumer needs of its channel. */
export interface ConsumerChannel {
  /** Whether the client does not read fast enough to be sent more now. */
  readonly isCongested: boolean;
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
  readonly isExclusive: boolean;
  readonly isAutoAcknowledging: boolean;
}

/** A consumer of a channel. */
export class Consumer implements QueueConsumer {
  readonly queue: Queue;
  readonly #channel: ConsumerChannel;
  readonly #options: ConsumerOptions;
  #unackedCount = 0;

  constructor(queue: Queue, channel: ConsumerChannel, options: ConsumerOptions) {
    this.queue = queue;
    this.#channel = channel;
    this.#options = options;
  }

  get tag(): string {
    return this.#options.tag;
  }

  get isExclusive(): boolean {
    return this.#options.isExclusive;
  }

  get isAutoAcknowledging(): boolean {
    return this.#options.isAutoAcknowledging;
  }

  get canTake(): boolean {
    const { prefetchCount, isAutoAcknowledging } = this.#options;
    const isFull = !isAutoAcknowledging && prefetchCount !== 0 &&
      this.#unackedCount >= prefetchCount;
    return !isFull && !this.#channel.isCongested;
  }

  deliver(message: Message): void {
    if (!this.isAutoAcknowledging) this.#unackedCount++;
    this.#channel.deliver(this, message);
  }

  /** Learns that one of its messages was settled. */
  settled(): void {
    this.#unackedCount--;
  }

  queueDeleted(): void {
    this.#channel.consumerCancelled(this);
  }
}
