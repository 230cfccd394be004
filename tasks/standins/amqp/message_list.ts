import type { Message } from "./message.ts";

/** How many taken entries may stay in the array before it is compacted. */
const COMPACTION_THRESHOLD = 1024;

/** A queue in the plain sense, on an array whose start moves. */
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

  /** Adds a message before those that arrived later, so that all are in the order of arrival. */
  insert(message: Message): void {
    const index = this.#messages.findLastIndex((other) => (other?.id ?? Infinity) < message.id);
    this.#messages.splice(Math.max(index + 1, this.#start), 0, message);
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
 * The messages of a queue that wait for a consumer, in order: those that were put back, then those that were never delivered.
 * Every operation is cheap, however long the queue is.
 */
export class MessageList {
  #returned = new Fifo();
  #fresh = new Fifo();

  /** How many messages wait. */
  get length(): number {
    return this.#returned.length + this.#fresh.length;
  }

  /** The message that leaves next. */
  get first(): Message | undefined {
    return this.#returned.first ?? this.#fresh.first;
  }

  /** Adds a message at the back. */
  append(message: Message): void {
    this.#fresh.append(message);
  }

  /** Puts a message back that had been taken, to its old place. */
  putBack(message: Message): void {
    this.#returned.insert(message);
  }

  /** Puts a message back after those that came back earlier, before those that were never delivered. */
  putInFront(message: Message): void {
    this.#returned.append(message);
  }

  /** Takes the first message. */
  take(): Message | undefined {
    return this.#returned.take() ?? this.#fresh.take();
  }

  /** Takes all messages away. Returns how many there were. */
  clear(): number {
    const count = this.length;
    this.#returned = new Fifo();
    this.#fresh = new Fifo();
    return count;
  }
}
