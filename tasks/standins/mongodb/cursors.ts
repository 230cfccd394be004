import { arrayOf, toValue, TYPE, Value } from "./bson.ts";
import { CommandError } from "./errors.ts";
import type { TimeBudget, Work } from "./work.ts";

/** A full batch (MongoDB manual, "Cursor Batches"). With one more document of the largest size it still fits a message. */
const FULL_BATCH_BYTES = 16 * 1024 * 1024;

/** Documents in a first batch unless the client says otherwise (MongoDB manual, "Cursor Batches"). */
const DEFAULT_BATCH_SIZE = 101;

interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  /** A document at a time, read from the store on demand; `undefined` where others may run first. */
  readonly source: Iterator<Uint8Array | undefined, void>;
  /** The time that is left for all batches. */
  readonly budget: TimeBudget;
  lastUsedMs: number;
}

export interface CursorOptions extends Pick<Cursor, "namespace" | "source" | "budget"> {
  readonly batchSize: number | undefined;
  readonly isSingleBatch?: boolean;
}

export class Cursors {
  /** In the order of their last use. */
  readonly #open = new Map<bigint, Cursor>();
  #lastId = 0n;

  /** Closes a cursor that is idle for `maxIdleMs`, and the longest idle one beyond `maxCount`. */
  constructor(readonly maxIdleMs: number, readonly maxCount: number) {}

  /** Opens a cursor and reads its first batch, as a reply; it stays open only when there is more. */
  open({ batchSize, isSingleBatch = false, ...options }: CursorOptions): Work<Uint8Array> {
    this.#closeIdle();
    this.#lastId += 1n;
    const cursor = { ...options, id: this.#lastId, lastUsedMs: 0 };
    const first = batchSize ?? (isSingleBatch ? Infinity : DEFAULT_BATCH_SIZE);
    return this.#read(cursor, first, "firstBatch", isSingleBatch);
  }

  get(id: bigint, namespace: string): Cursor {
    this.#closeIdle();
    const cursor = this.#open.get(id);
    if (cursor?.namespace === namespace) return cursor;
    throw new CommandError(43, `cursor id ${id} not found in ${namespace}`);
  }

  more(cursor: Cursor, batchSize: number): Work<Uint8Array> {
    return this.#read(cursor, batchSize, "nextBatch", false);
  }

  kill(id: bigint): boolean {
    return this.#open.delete(id);
  }

  #closeIdle(): void {
    for (const { id, lastUsedMs } of this.#open.values()) {
      if (Date.now() - lastUsedMs >= this.maxIdleMs) this.kill(id);
    }
  }

  *#read(cursor: Cursor, batchSize: number, name: string, isLast: boolean): Work<Uint8Array> {
    // A failed or expired cursor is useless.
    this.kill(cursor.id);
    const documents: Value[] = [];
    let sizeBytes = 0;
    let isExhausted = false;
    while (!isExhausted && documents.length < batchSize && sizeBytes < FULL_BATCH_BYTES) {
      const { value: document, done } = cursor.source.next();
      isExhausted = done === true;
      if (document) documents.push(new Value(TYPE.object, document));
      sizeBytes += document?.length ?? 0;
      yield;
    }
    const isOpen = !isExhausted && !isLast;
    if (isOpen) this.#keep(cursor);
    const id = isOpen ? cursor.id : 0n;
    return toValue({ cursor: { id, ns: cursor.namespace, [name]: arrayOf(documents) }, ok: 1 })
      .bytes;
  }

  #keep(cursor: Cursor): void {
    cursor.lastUsedMs = Date.now();
    this.#open.set(cursor.id, cursor);
    const [oldest] = this.#open.keys();
    if (this.#open.size > this.maxCount && oldest !== undefined) this.kill(oldest);
  }
}
