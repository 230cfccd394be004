import type { Message } from "./message.ts";

/** How many taken messages may stay in the array before it is compacted. */
const COMPACTION_THRESHOLD = 1024;

interface Returned {
  readonly rank: number;
  readonly message: Message;
}

/**
 * The messages of a queue that wait for a consumer, in order.
 *
 * Messages arrive at the back and leave at the front, so one that is put back always belongs before those that were
 * never delivered: a heap of the returned ones in front of an array of the fresh ones makes every operation cheap,
 * however long the queue is.
 */
export class MessageList {
  #fresh: (Message | undefined)[] = [];
  #freshStart = 0;
  /** A binary heap: the smallest rank is first. */
  readonly #returned: Returned[] = [];

  /** How many messages wait. */
  get length(): number {
    return this.#returned.length + this.#fresh.length - this.#freshStart;
  }

  /** The message that leaves next. */
  get first(): Message | undefined {
    return this.#returned[0]?.message ?? this.#fresh[this.#freshStart];
  }

  /** Adds a message at the back. */
  append(message: Message): void {
    this.#fresh.push(message);
  }

  /** Puts a message back that had been taken. */
  putBack(message: Message, rank: number): void {
    const heap = this.#returned;
    const entry = { rank, message };
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || parent.rank <= rank) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  /** Takes the first message. */
  take(): Message | undefined {
    return this.#returned.length > 0 ? this.#takeReturned() : this.#takeFresh();
  }

  /** Takes all messages away. Returns how many there were. */
  clear(): number {
    const count = this.length;
    this.#fresh = [];
    this.#freshStart = 0;
    this.#returned.length = 0;
    return count;
  }

  #takeFresh(): Message | undefined {
    const message = this.#fresh[this.#freshStart];
    if (message === undefined) return undefined;
    this.#fresh[this.#freshStart] = undefined;
    this.#freshStart++;
    if (this.#freshStart > COMPACTION_THRESHOLD && this.#freshStart * 2 > this.#fresh.length) {
      this.#fresh = this.#fresh.slice(this.#freshStart);
      this.#freshStart = 0;
    }
    return message;
  }

  #takeReturned(): Message | undefined {
    const heap = this.#returned;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.message;
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = heap[leftIndex];
      if (left === undefined) break;
      const right = heap[leftIndex + 1];
      const [child, childIndex] = right !== undefined && right.rank < left.rank
        ? [right, leftIndex + 1]
        : [left, leftIndex];
      if (child.rank >= last.rank) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return first.message;
  }
}
