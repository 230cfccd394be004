import { Buffer } from "node:buffer";
import { equalityKey } from "../bson/equality_key.ts";
import {
  type BsonDocument,
  bsonType,
  decode,
  encode,
  MAX_DOCUMENT_BYTES,
  sizeOf,
} from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { candidatesOf } from "./candidates.ts";
import { duplicateKey } from "./duplicate_key.ts";
import { expiryOf, type IndexKey, keysOf } from "./index_keys.ts";
import type { IndexSpecification } from "./index_specification.ts";
import type { Statements } from "./statements.ts";

/** A document as it is stored, decoded when it is looked at. */
export class StoredDocument {
  #document: BsonDocument | undefined;

  /** Takes what was read from the store. */
  constructor(readonly position: number, readonly bytes: Uint8Array) {}

  /** The decoded document; the same object each time. */
  get document(): BsonDocument {
    return this.#document ??= decode(this.bytes);
  }
}

/** An index and the number of its entries' owner in the store. */
export interface StoredIndex extends IndexSpecification {
  /** Its id in SQLite. */
  readonly id: number;
}

/** One collection: every read goes to SQLite, every write is part of the transaction that its caller opened. */
export class Collection {
  readonly #statements: Statements;
  #indexes: readonly StoredIndex[];

  /** Reads nothing yet. */
  constructor(
    statements: Statements,
    readonly id: number,
    readonly namespace: string,
    readonly uuid: Uint8Array,
    indexes: readonly StoredIndex[],
  ) {
    this.#statements = statements;
    this.#indexes = indexes;
  }

  /** Its indexes without the one on `_id`. */
  get indexes(): readonly StoredIndex[] {
    return this.#indexes;
  }

  /** How many documents it has. */
  count(): number {
    return Number(this.#statements.count.get(this.id)?.count ?? 0);
  }

  /** How many documents match a filter. */
  countMatching(filter: BsonDocument): number {
    if (Object.keys(filter).length === 0) return this.count();
    let count = 0;
    for (const _ of this.find(filter)) count += 1;
    return count;
  }

  /**
   * Finds documents in natural order, one at a time: nothing but the current one is held in memory. Documents may be
   * changed or deleted while it runs.
   */
  *find(filter: BsonDocument): Generator<StoredDocument> {
    const matches = compileFilter(filter);
    const isUnfiltered = Object.keys(filter).length === 0;
    for (const position of candidatesOf(this.#statements, this.id, this.#indexes, filter)) {
      const stored = this.read(position);
      if (stored !== undefined && (isUnfiltered || matches(stored.document))) yield stored;
    }
  }

  /** Reads the document at a position, `undefined` when it is gone. */
  read(position: number): StoredDocument | undefined {
    const bytes = this.#statements.read.get(position)?.document;
    return bytes instanceof Uint8Array ? new StoredDocument(position, bytes) : undefined;
  }

  /**
   * Stores a new document.
   *
   * @throws {CommandError} 11000 when its `_id` or the key of a unique index is taken; 10334, 53 for a bad document.
   */
  insert(document: BsonDocument): void {
    const type = bsonType(document._id);
    if (type === "array" || type === "regex" || type === "undefined") {
      throw new CommandError(53, `The '_id' value cannot be of type ${type}`);
    }
    const sizeBytes = sizeOf(document);
    if (sizeBytes > MAX_DOCUMENT_BYTES) {
      throw new CommandError(
        10334,
        `object to insert too large. size in bytes: ${sizeBytes}, max size: ${MAX_DOCUMENT_BYTES}`,
      );
    }
    const idKey = equalityKey(document._id);
    if (this.#statements.byId.get(this.id, idKey) !== undefined) {
      throw duplicateKey(this.namespace, "_id_", ["_id"], [document._id]);
    }
    const keys = this.#keysOf(document, undefined);
    const { lastInsertRowid } = this.#statements.insert.run(this.id, idKey, encode(document));
    this.#addEntries(Number(lastInsertRowid), document, keys);
  }

  /**
   * Stores a new version of a document; its `_id` must be the same.
   *
   * @throws {CommandError} 11000 when the key of a unique index is taken; 17419 when it has become too large.
   */
  replace(stored: StoredDocument, document: BsonDocument): boolean {
    const sizeBytes = sizeOf(document);
    if (sizeBytes > MAX_DOCUMENT_BYTES) {
      throw new CommandError(
        17419,
        `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`,
      );
    }
    const bytes = encode(document);
    if (Buffer.compare(bytes, stored.bytes) === 0) return false;
    const keys = this.#keysOf(document, stored.position);
    this.#statements.replace.run(bytes, stored.position);
    this.#statements.removeEntries.run(stored.position);
    this.#statements.removeExpiries.run(stored.position);
    this.#addEntries(stored.position, document, keys);
    return true;
  }

  /** Deletes a document; SQLite deletes its index entries with it. */
  remove(position: number): void {
    this.#statements.remove.run(position);
  }

  /**
   * Adds an index that does not exist yet, with the entries of all documents.
   *
   * @throws {CommandError} 11000 when it is unique and the documents are not.
   */
  addIndex(specification: IndexSpecification): StoredIndex {
    const { lastInsertRowid } = this.#statements.insertIndex
      .run(this.id, encode(specification.document));
    const index = { ...specification, id: Number(lastInsertRowid) };
    for (const stored of this.find({})) {
      const keys = this.#checkedKeys(stored.document, index, stored.position);
      this.#addEntries(stored.position, stored.document, new Map([[index, keys]]));
    }
    return index;
  }

  /** Drops an index and its entries. */
  removeIndex(index: StoredIndex): void {
    this.#statements.removeIndex.run(index.id);
  }

  /** Takes over the indexes once the transaction that changed them is committed. */
  setIndexes(indexes: readonly StoredIndex[]): void {
    this.#indexes = indexes;
  }

  #keysOf(
    document: BsonDocument,
    ownPosition: number | undefined,
  ): ReadonlyMap<StoredIndex, readonly IndexKey[]> {
    return new Map(
      this.#indexes.map((index) => [index, this.#checkedKeys(document, index, ownPosition)]),
    );
  }

  #checkedKeys(
    document: BsonDocument,
    index: StoredIndex,
    ownPosition: number | undefined,
  ): readonly IndexKey[] {
    const keys = keysOf(document, index);
    if (!index.isUnique) return keys;
    const taken = keys.find(({ bytes }) =>
      this.#statements.keyOwner.get(index.id, bytes, ownPosition ?? -1) !== undefined
    );
    if (taken === undefined) return keys;
    const fields = index.paths.map((path) => path.join("."));
    throw duplicateKey(this.namespace, index.name, fields, taken.values, index.document.key);
  }

  #addEntries(
    position: number,
    document: BsonDocument,
    keys: ReadonlyMap<StoredIndex, readonly IndexKey[]>,
  ): void {
    for (const [index, indexKeys] of keys) {
      for (const { bytes } of indexKeys) this.#statements.addEntry.run(index.id, bytes, position);
      const expiresAtMs = expiryOf(document, index);
      if (expiresAtMs !== undefined) {
        this.#statements.addExpiry.run(position, index.id, expiresAtMs);
      }
    }
  }
}
