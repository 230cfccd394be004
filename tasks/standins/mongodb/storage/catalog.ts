import type { DatabaseSync } from "node:sqlite";
import { UUID } from "bson";
import { decode } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { Collection, type StoredIndex } from "./collection.ts";
import { inTransaction } from "./database.ts";
import { parseIndex } from "./index_specification.ts";
import { Statements } from "./statements.ts";

/** MongoDB Limits and Thresholds, "Namespace Length". */
const MAX_NAMESPACE_BYTES = 255;

/** Which collections there are. They are few, so that all of them are held in memory; their documents are not. */
export class Catalog {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #databases = new Map<string, Map<string, Collection>>();

  /** Reads which collections there are. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = new Statements(database);
    const rows = database.prepare("SELECT id, database, name, uuid FROM collections ORDER BY id")
      .all();
    for (const { id, database, name, uuid } of rows) {
      if (!(uuid instanceof Uint8Array)) {
        throw new TypeError("Cannot read the store: a uuid is no blob");
      }
      this.#add(Number(id), String(database), String(name), uuid);
    }
  }

  /** The names of the databases that have a collection. */
  databaseNames(): readonly string[] {
    return [...this.#databases].filter(([, collections]) => collections.size > 0)
      .map(([name]) => name).sort();
  }

  /** The collections of a database, by name. */
  collectionsOf(database: string): ReadonlyMap<string, Collection> {
    return this.#databases.get(database) ?? new Map();
  }

  /** A collection, `undefined` when it does not exist. */
  get(database: string, name: string): Collection | undefined {
    return this.#databases.get(database)?.get(name);
  }

  /**
   * A collection, which is created when it does not exist.
   *
   * @throws {CommandError} 73 when the name is not allowed.
   */
  ensure(database: string, name: string): Collection {
    const existing = this.get(database, name);
    if (existing !== undefined) return existing;
    checkNamespace(database, name);
    const uuid = new UUID().buffer;
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO collections (database, name, uuid) VALUES (?, ?, ?)")
      .run(database, name, uuid);
    return this.#add(Number(lastInsertRowid), database, name, uuid);
  }

  /** Drops a collection with its documents and indexes. */
  drop(database: string, name: string): Collection | undefined {
    const collection = this.get(database, name);
    if (collection === undefined) return undefined;
    this.#database.prepare("DELETE FROM collections WHERE id = ?").run(collection.id);
    this.#databases.get(database)?.delete(name);
    return collection;
  }

  /** Drops all collections of a database at once. */
  dropDatabase(database: string): void {
    this.#database.prepare("DELETE FROM collections WHERE database = ?").run(database);
    this.#databases.delete(database);
  }

  /** Runs writes to documents and indexes as one transaction. */
  transaction<Result>(work: () => Result): Result {
    return inTransaction(this.#database, work);
  }

  /** Deletes the documents whose time is over (MongoDB manual, "TTL Indexes"). */
  removeExpired(nowMs: number): number {
    const { changes } = this.#database.prepare(
      "DELETE FROM documents WHERE position IN (SELECT position FROM expiries WHERE expires_at_ms <= ?)",
    ).run(nowMs);
    return Number(changes);
  }

  #add(id: number, database: string, name: string, uuid: Uint8Array): Collection {
    const collections = this.#databases.get(database) ?? new Map<string, Collection>();
    const collection = new Collection(
      this.#statements,
      id,
      `${database}.${name}`,
      uuid,
      this.#indexesOf(id),
    );
    collections.set(name, collection);
    this.#databases.set(database, collections);
    return collection;
  }

  #indexesOf(collection: number): readonly StoredIndex[] {
    const rows = this.#database
      .prepare("SELECT id, specification FROM indexes WHERE collection = ? ORDER BY id")
      .all(collection);
    return rows.flatMap(({ id, specification }) =>
      specification instanceof Uint8Array
        ? [{ ...parseIndex(decode(specification)), id: Number(id) }]
        : []
    );
  }
}

function checkNamespace(database: string, name: string): void {
  const namespace = `${database}.${name}`;
  const isValid = /^[^/\\. "$\0]+$/.test(database) && /^[^$\0]+$/.test(name) &&
    !name.startsWith(".") && !name.endsWith(".") &&
    new TextEncoder().encode(namespace).length <= MAX_NAMESPACE_BYTES;
  if (!isValid) throw new CommandError(73, `Invalid namespace specified '${namespace}'`);
  if (name.startsWith("system.")) {
    throw new CommandError(73, `Cannot create the collection '${namespace}': its name is reserved`);
  }
}
