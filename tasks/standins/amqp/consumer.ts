import type { Channel } from "./channel.ts";
import type { Message } from "./message.ts";
import type { Queue } from "./queue.ts";

/** A consumer of a channel. */
export class Consumer {
  /** Its name on the channel. */
  readonly tag: string;
  readonly queue: Queue;
  readonly #channel: Channel;
  readonly #prefetchCount: number;
  #unackedCount = 0;

  /** @param prefetchCount How many messages it may have unacknowledged; 0 for any number. */
  constructor(tag: string, queue: Queue, channel: Channel, prefetchCount: number) {
    this.tag = tag;
    this.queue = queue;
    this.#channel = channel;
    this.#prefetchCount = prefetchCount;
  }

  get canTake(): boolean {
    const isFull = this.#prefetchCount !== 0 && this.#unackedCount >= this.#prefetchCount;
    return !isFull && !this.#channel.isCongested;
  }

  deliver(message: Message): void {
    this.#unackedCount++;
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
