import { Buffer } from "node:buffer";
import type { DatabaseSync } from "node:sqlite";
import { encode, type Fields, fieldsOf, NULL, TYPE, Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { equalityKey, isEqual } from "./order.ts";

/** The largest document that is stored (MongoDB Limits and Thresholds, "BSON Document Size"). */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Positions that a scan takes from SQLite at a time. No statement stays open between them, so that writes may pass. */
const PAGE_SIZE = 1000;

const EMPTY_TIMESTAMP = new Value(TYPE.timestamp, new Uint8Array(8));

export function prepareStatements(sqlite: DatabaseSync) {
  return {
    collection: sqlite.prepare("SELECT id FROM collections WHERE database = ? AND name = ?"),
    exists: sqlite.prepare("SELECT id FROM collections WHERE id = ?"),
    count: sqlite.prepare("SELECT count(*) AS count FROM documents WHERE collection = ?"),
    page: sqlite.prepare(
      "SELECT position FROM documents WHERE collection = ? AND position > ? ORDER BY position LIMIT ?",
    ),
    read: sqlite.prepare("SELECT document FROM documents WHERE position = ?"),
    byId: sqlite.prepare("SELECT position FROM documents WHERE collection = ? AND id_key = ?"),
    insert: sqlite.prepare(
      "INSERT INTO documents (collection, id_key, document) VALUES (?, ?, ?)",
    ),
    replace: sqlite.prepare("UPDATE documents SET document = ? WHERE position = ?"),
    remove: sqlite.prepare("DELETE FROM documents WHERE position = ?"),
  };
}

export interface StoredDocument {
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly fields: Fields;
}

/** One collection: every read goes to SQLite, every write is part of the transaction that its caller opened. */
export class Collection {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(
    statements: ReturnType<typeof prepareStatements>,
    readonly id: number,
    readonly namespace: string,
  ) {
    this.#statements = statements;
  }

  count(): number {
    return Number(this.#statements.count.get(this.id)?.count ?? 0);
  }

  /** The positions of all documents in natural order, or of those with the given ids. Writes may pass while it runs. */
  *positions(ids?: readonly Value[]): Generator<number, void> {
    if (ids !== undefined) {
      const found = new Set(ids.flatMap((id) => this.#positionOf(equalityKey(id)) ?? []));
      yield* [...found].sort((left, right) => left - right);
      return;
    }
    let last = 0;
    while (true) {
      const page = this.#statements.page.all(this.id, last, PAGE_SIZE)
        .map(({ position }) => Number(position));
      yield* page;
      if (page.length < PAGE_SIZE) break;
      last = page.at(-1) ?? last;
    }
    this.#checkExists();
  }

  #positionOf(idKey: Uint8Array): number | undefined {
    const row = this.#statements.byId.get(this.id, idKey);
    return row === undefined ? undefined : Number(row.position);
  }

  read(position: number): StoredDocument | undefined {
    const bytes = this.#statements.read.get(position)?.document;
    if (bytes instanceof Uint8Array) return { position, bytes, fields: fieldsOf(bytes) };
    this.#checkExists();
    return undefined;
  }

  /** Whoever reads a collection while it is dropped must not take what is left of it for all of it. */
  #checkExists(): void {
    if (this.#statements.exists.get(this.id) !== undefined) return;
    throw new CommandError(175, `collection dropped: ${this.namespace}`);
  }

  /** Stores a new document that has an `_id`. */
  insert(document: Fields): void {
    const id = document.get("_id") ?? NULL;
    checkId(id);
    if ([...document.values()].some((value) => isEqual(value, EMPTY_TIMESTAMP))) {
      throw unsupported("an empty timestamp, which MongoDB replaces with the current time");
    }
    const bytes = encodeToStore(document, 10334);
    const idKey = equalityKey(id);
    if (this.#positionOf(idKey) !== undefined) {
      const shown = JSON.stringify(id.text ?? id.number ?? id.typeName);
      throw new CommandError(
        11000,
        `E11000 duplicate key error collection: ${this.namespace} index: _id_ dup key: { _id: ${shown} }`,
        { keyPattern: { _id: 1 }, keyValue: { _id: id } },
      );
    }
    this.#statements.insert.run(this.id, idKey, bytes);
  }

  /** Stores a new version of a document with the same `_id`; tells whether that changed it. */
  replace({ position, bytes: before }: StoredDocument, document: Fields): boolean {
    const bytes = encodeToStore(document, 17419);
    if (Buffer.compare(bytes, before) === 0) return false;
    this.#statements.replace.run(bytes, position);
    return true;
  }

  remove(position: number): void {
    this.#statements.remove.run(position);
  }
}

/** @throws {CommandError} With the given code when the document is too large. */
function encodeToStore(document: Fields, code: number): Uint8Array {
  const bytes = encode(document);
  if (bytes.length <= MAX_DOCUMENT_BYTES) return bytes;
  throw new CommandError(
    code,
    `The document is too large: ${bytes.length} bytes, max size: ${MAX_DOCUMENT_BYTES}`,
  );
}

function checkId(id: Value): void {
  if (id.type === TYPE.array || id.type === TYPE.regex || id.type === TYPE.undefined) {
    throw new CommandError(53, `The '_id' value cannot be of type ${id.typeName}`);
  }
  const operator = id.fields?.keys().find((name) => name.startsWith("$"));
  if (operator !== undefined) {
    throw new CommandError(52, `_id fields may not contain '$'-prefixed fields: ${operator}`);
  }
}
