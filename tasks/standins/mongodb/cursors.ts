import { arrayOf, encode, toValue, TYPE, Value } from "./bson/value.ts";
import { CommandError } from "./errors.ts";
import type { TimeBudget, Work } from "./work.ts";

/** A batch is about as large as a document may be (MongoDB manual, "Cursor Batches"). */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** Documents in a first batch unless the client says otherwise (MongoDB manual, "Cursor Batches"). */
const DEFAULT_BATCH_SIZE = 101;

export interface CursorLimits {
  /** A cursor that is not read for so long is closed, in milliseconds. MongoDB: ten minutes. */
  readonly idleMs: number;
  /** So many stay open; one more closes the one that has been idle longest. */
  readonly count: number;
}

/** A document at a time, read from the store when it is asked for; `undefined` where others may have a turn first. */
export type DocumentSource = Iterator<Uint8Array | undefined, void>;

export interface CursorOptions {
  readonly namespace: string;
  readonly source: DocumentSource;
  readonly batchSize: number | undefined;
  readonly isSingleBatch?: boolean;
  /** The time that is left for all batches. */
  readonly budget: TimeBudget;
}

interface OpenCursor extends Pick<CursorOptions, "namespace" | "source" | "budget"> {
  readonly id: bigint;
  /** The document that did not fit into the last batch. */
  pending: Uint8Array | undefined;
  lastUsedMs: number;
}

/** The cursors that are not read to their end yet. */
export class Cursors {
  readonly #limits: CursorLimits;
  /** In the order of their last use. */
  readonly #open = new Map<bigint, OpenCursor>();
  #lastId = 0n;

  constructor(limits: CursorLimits) {
    this.#limits = limits;
  }

  /** Opens a cursor and reads its first batch, as a reply; it stays open only when there is more. */
  *open(
    { namespace, source, batchSize, isSingleBatch = false, budget }: CursorOptions,
  ): Work<Uint8Array> {
    this.#lastId += 1n;
    const cursor = {
      id: this.#lastId,
      namespace,
      source,
      budget,
      pending: undefined,
      lastUsedMs: 0,
    };
    const first = batchSize ?? (isSingleBatch ? Infinity : DEFAULT_BATCH_SIZE);
    return yield* this.#read(cursor, first, "firstBatch", isSingleBatch);
  }

  get(id: bigint, namespace: string): OpenCursor {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new CommandError(43, `cursor id ${id} not found`);
    if (cursor.namespace === namespace) return cursor;
    throw new CommandError(
      13,
      `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
    );
  }

  more(cursor: OpenCursor, batchSize = Infinity): Work<Uint8Array> {
    return this.#read(cursor, batchSize, "nextBatch", false);
  }

  kill(id: bigint): boolean {
    return this.#open.delete(id);
  }

  closeIdle(nowMs: number): void {
    for (const { id, lastUsedMs } of this.#open.values()) {
      if (nowMs - lastUsedMs >= this.#limits.idleMs) this.kill(id);
    }
  }

  *#read(
    cursor: OpenCursor,
    batchSize: number,
    batchName: string,
    isLast: boolean,
  ): Work<Uint8Array> {
    // One that fails, or runs out of time, is of no use any more.
    this.kill(cursor.id);
    const documents: Value[] = [];
    let sizeBytes = 0;
    let isExhausted = false;
    // One further document is read, so that a cursor is not left open for nothing; but batchSize 0 must read none.
    while (batchSize > 0) {
      while (cursor.pending === undefined && !isExhausted) {
        const { value, done } = cursor.source.next();
        isExhausted = done === true;
        cursor.pending = value ?? undefined;
        yield;
      }
      const { pending } = cursor;
      const isFull = documents.length >= batchSize ||
        (documents.length > 0 && sizeBytes + (pending?.length ?? 0) > MAX_BATCH_BYTES);
      if (pending === undefined || isFull) break;
      documents.push(new Value(TYPE.object, pending));
      sizeBytes += pending.length;
      cursor.pending = undefined;
    }
    const isOpen = !isExhausted && !isLast;
    if (isOpen) this.#keep(cursor);
    const id = isOpen ? cursor.id : 0n;
    return encode([
      ["cursor", toValue({ id, ns: cursor.namespace, [batchName]: arrayOf(documents) })],
      ["ok", toValue(1)],
    ]);
  }

  #keep(cursor: OpenCursor): void {
    cursor.lastUsedMs = Date.now();
    this.#open.set(cursor.id, cursor);
    const [oldest] = this.#open.keys();
    if (this.#open.size > this.#limits.count && oldest !== undefined) this.kill(oldest);
  }
}
