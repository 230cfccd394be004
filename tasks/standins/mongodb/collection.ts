import { Buffer } from "node:buffer";
import type { SqliteStore } from "../sqlite.ts";
import { encode, type Fields, fieldsOf, NULL, TYPE, Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { equalityKey, isEqual } from "./order.ts";

/** The largest document (MongoDB Limits and Thresholds, "BSON Document Size"). */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Positions that a scan takes from SQLite at a time. No statement stays open in between, so that writes can run. */
const PAGE_SIZE = 1000;

const EMPTY_TIMESTAMP = new Value(TYPE.timestamp, new Uint8Array(8));

export interface StoredDocument {
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly fields: Fields;
}

/** One collection: every read goes to SQLite, every write is part of the transaction that its caller opened. */
export class Collection {
  readonly #sqlite: SqliteStore;

  constructor(sqlite: SqliteStore, readonly id: number, readonly namespace: string) {
    this.#sqlite = sqlite;
  }

  count(): number {
    const sql = "SELECT count(*) AS count FROM documents WHERE collection = ?";
    return Number(this.#sqlite.sql(sql).get(this.id)?.count ?? 0);
  }

  /** The positions of all documents in natural order, or of those with the given ids. Writes can run meanwhile. */
  *positions(ids?: readonly Value[]): Generator<number, void> {
    if (ids !== undefined) {
      const found = new Set(ids.flatMap((id) => this.#positionOf(equalityKey(id)) ?? []));
      yield* [...found].sort((left, right) => left - right);
      return;
    }
    const nextPage = this.#sqlite.sql(
      "SELECT position FROM documents WHERE collection = ? AND position > ? ORDER BY position LIMIT ?",
    );
    let last = 0;
    while (true) {
      const page = nextPage.all(this.id, last, PAGE_SIZE)
        .map(({ position }) => Number(position));
      yield* page;
      if (page.length < PAGE_SIZE) break;
      last = page.at(-1) ?? last;
    }
    this.#checkExists();
  }

  #positionOf(idKey: Uint8Array): number | undefined {
    const sql = "SELECT position FROM documents WHERE collection = ? AND id_key = ?";
    const row = this.#sqlite.sql(sql).get(this.id, idKey);
    return row === undefined ? undefined : Number(row.position);
  }

  read(position: number): StoredDocument | undefined {
    const sql = "SELECT document FROM documents WHERE position = ?";
    const bytes = this.#sqlite.sql(sql).get(position)?.document;
    if (bytes instanceof Uint8Array) return { position, bytes, fields: fieldsOf(bytes) };
    this.#checkExists();
    return undefined;
  }

  /** A reader must not mistake the rest of a dropped collection for all of it. */
  #checkExists(): void {
    const exists = this.#sqlite.sql("SELECT id FROM collections WHERE id = ?");
    if (exists.get(this.id) !== undefined) return;
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
    this.#sqlite.sql("INSERT INTO documents (collection, id_key, document) VALUES (?, ?, ?)")
      .run(this.id, idKey, bytes);
  }

  /** Stores a new version of a document with the same `_id`; returns whether that changed it. */
  replace({ position, bytes: before }: StoredDocument, document: Fields): boolean {
    const bytes = encodeToStore(document, 17419);
    if (Buffer.compare(bytes, before) === 0) return false;
    this.#sqlite.sql("UPDATE documents SET document = ? WHERE position = ?").run(bytes, position);
    return true;
  }

  remove(position: number): void {
    this.#sqlite.sql("DELETE FROM documents WHERE position = ?").run(position);
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
