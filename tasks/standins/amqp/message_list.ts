import type { Message } from "./message.ts";

/** How many taken entries may stay in the array before it is compacted. */
const COMPACTION_THRESHOLD = 1024;

/** First in, first out, on an array whose start moves. */
class Fifo {
  #messages: (Message | undefined)[] = [];
  #start = 0;

  get length(): number {
    return this.#messages.length - this.#start;
  }

  get first(): Message | undefined {
    return this.#messages[this.#start];
  }

  append(message: Message): void {
    this.#messages.push(message);
  }

  take(): Message | undefined {
    const message = this.first;
    if (message === undefined) return undefined;
    this.#messages[this.#start++] = undefined;
    if (this.#start > COMPACTION_THRESHOLD && this.#start * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#start);
      this.#start = 0;
    }
    return message;
  }
}

/**
 * The messages of a queue that wait for a consumer, in order: those that came back, then the others. Every operation is cheap,
 * however long the queue is.
 */
export class MessageList {
  #returned = new Fifo();
  #fresh = new Fifo();

  get length(): number {
    return this.#returned.length + this.#fresh.length;
  }

  /** The message that leaves next. */
  get first(): Message | undefined {
    return this.#returned.first ?? this.#fresh.first;
  }

  append(message: Message): void {
    this.#fresh.append(message);
  }

  /** Puts a message that had been taken after those that came back earlier, before the others. */
  putInFront(message: Message): void {
    this.#returned.append(message);
  }

  take(): Message | undefined {
    return this.#returned.take() ?? this.#fresh.take();
  }

  /** Returns how many there were. */
  clear(): number {
    const { length } = this;
    this.#returned = new Fifo();
    this.#fresh = new Fifo();
    return length;
  }
}
