import { CommandError } from "./errors.ts";
import type { CursorBatch } from "./wire/reply.ts";

/** A batch is about as large as a document may be (MongoDB manual, "Cursor Batches"). */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** Limits of the cursors that clients leave open. */
export interface CursorLimits {
  /** A cursor that is not read for so long is closed, in milliseconds. MongoDB: ten minutes. */
  readonly idleMs: number;
  /** So many stay open; one more closes the one that has been idle longest. */
  readonly count: number;
}

/** An encoded document at a time, read from the store when it is asked for. */
export type DocumentSource = Iterator<Uint8Array, void>;

interface OpenCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly source: DocumentSource;
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

  /** No cursor is open at first. */
  constructor(limits: CursorLimits) {
    this.#limits = limits;
  }

  /** Opens a cursor and reads its first batch; it stays open only when there is more. */
  open(
    namespace: string,
    source: DocumentSource,
    batchSize: number,
    isSingleBatch = false,
  ): CursorBatch {
    this.#lastId += 1n;
    const cursor = {
      id: this.#lastId,
      namespace,
      source,
      pending: undefined,
      lastUsedMs: Date.now(),
    };
    const batch = this.#read(cursor, batchSize, "firstBatch");
    if (!isSingleBatch) return batch;
    this.#close(cursor.id);
    return { ...batch, cursorId: 0n };
  }

  /**
   * Reads the next batch.
   *
   * @throws {CommandError} 43 when there is no such cursor, any more or at all.
   */
  getMore(id: bigint, namespace: string, batchSize: number | undefined): CursorBatch {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new CommandError(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new CommandError(
        13,
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    return this.#read(cursor, batchSize ?? Infinity, "nextBatch");
  }

  /** Closes a cursor; false when there is none. */
  kill(id: bigint): boolean {
    return this.#close(id);
  }

  /** Closes the cursors that have been idle for too long. */
  closeIdle(nowMs: number): void {
    for (const { id, lastUsedMs } of this.#open.values()) {
      if (nowMs - lastUsedMs >= this.#limits.idleMs) this.#close(id);
    }
  }

  #read(cursor: OpenCursor, batchSize: number, field: CursorBatch["field"]): CursorBatch {
    const documents: Uint8Array[] = [];
    let sizeBytes = 0;
    let isExhausted = false;
    while (true) {
      // One further document is read, so that a cursor is not left open for nothing; batchSize 0 must read none.
      if (batchSize === 0) break;
      cursor.pending ??= cursor.source.next().value ?? undefined;
      if (cursor.pending === undefined) {
        isExhausted = true;
        break;
      }
      const isFull = documents.length >= batchSize ||
        (documents.length > 0 && sizeBytes + cursor.pending.length > MAX_BATCH_BYTES);
      if (isFull) break;
      documents.push(cursor.pending);
      sizeBytes += cursor.pending.length;
      cursor.pending = undefined;
    }
    if (isExhausted) this.#close(cursor.id);
    else this.#keep(cursor);
    return {
      field,
      cursorId: isExhausted ? 0n : cursor.id,
      namespace: cursor.namespace,
      documents,
    };
  }

  #keep(cursor: OpenCursor): void {
    cursor.lastUsedMs = Date.now();
    this.#open.delete(cursor.id);
    this.#open.set(cursor.id, cursor);
    const [oldest] = this.#open.keys();
    if (this.#open.size > this.#limits.count && oldest !== undefined) this.#close(oldest);
  }

  #close(id: bigint): boolean {
    return this.#open.delete(id);
  }
}
