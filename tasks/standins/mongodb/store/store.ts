import { UUID } from "bson";
import type { DatabaseSync } from "node:sqlite";
import { openStore } from "../../sqlite.ts";
import { CommandError } from "../errors.ts";
import type { Work } from "../work.ts";
import { Collection, prepareStatements, type Statements } from "./collection.ts";

/**
 * `documents` has the BSON itself; `id_key` is the equality key of its `_id` (bson/order.ts), so that SQLite's own key decides what
 * is a duplicate. Columns that are read alone stand before the large one.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    database TEXT NOT NULL,
    name TEXT NOT NULL,
    uuid BLOB NOT NULL,
    UNIQUE (database, name)
  );
  CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    id_key BLOB NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (collection, id_key)
  );
  CREATE INDEX IF NOT EXISTS documents_in_order ON documents (collection, position);
`;

/** What the name of a collection begins with while its documents are deleted: no client can give it such a name. */
const DROPPED = "$dropped ";

/** MongoDB Limits and Thresholds, "Namespace Length". */
const MAX_NAMESPACE_BYTES = 255;

/** The databases and their collections. They are few, so that all are held in memory; their documents are not. */
export class Store implements Disposable {
  readonly #sqlite: DatabaseSync;
  readonly #statements: Statements;
  readonly #databases = new Map<string, Map<string, Collection>>();

  constructor(stateDirectory: string | undefined) {
    this.#sqlite = openStore("mongodb", stateDirectory, SCHEMA);
    this.#statements = prepareStatements(this.#sqlite);
    this.#sqlite.exec(`DELETE FROM collections WHERE name GLOB '${DROPPED}*'`);
    this.#load();
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }

  databaseNames(): readonly string[] {
    return [...this.#databases].filter(([, collections]) => collections.size > 0)
      .map(([name]) => name).sort();
  }

  collectionsOf(database: string): ReadonlyMap<string, Collection> {
    return this.#databases.get(database) ?? new Map();
  }

  ensure(database: string, name: string): Collection {
    const existing = this.collectionsOf(database).get(name);
    if (existing !== undefined) return existing;
    checkNamespace(database, name);
    const uuid = new UUID().buffer;
    const { lastInsertRowid } = this.#sqlite
      .prepare("INSERT INTO collections (database, name, uuid) VALUES (?, ?, ?)")
      .run(database, name, uuid);
    return this.#add(Number(lastInsertRowid), database, name, uuid);
  }

  /** Drops a collection with its documents. Whoever asks while that lasts finds it gone already. */
  *drop(database: string, name: string): Work<void> {
    const collection = this.collectionsOf(database).get(name);
    if (collection === undefined) return;
    this.#databases.get(database)?.delete(name);
    // The name is free at once for a new collection.
    this.#sqlite.prepare("UPDATE collections SET name = ? WHERE id = ?")
      .run(`${DROPPED}${collection.id}`, collection.id);
    yield* collection.clear();
    this.#sqlite.prepare("DELETE FROM collections WHERE id = ?").run(collection.id);
  }

  /** Runs writes as one transaction: when it returns, what it wrote is committed; when it throws, nothing is. */
  transaction<Result>(work: () => Result): Result {
    this.#sqlite.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#sqlite.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk may have ended the transaction already (https://www.sqlite.org/lang_transaction.html).
      if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
      this.#load();
      throw error;
    }
  }

  #load(): void {
    this.#databases.clear();
    const rows = this.#sqlite.prepare(
      `SELECT id, database, name, uuid FROM collections WHERE name NOT GLOB '${DROPPED}*' ORDER BY id`,
    ).all();
    for (const { id, database, name, uuid } of rows) {
      if (!(uuid instanceof Uint8Array)) {
        throw new TypeError("Cannot read the store: a uuid is no blob");
      }
      this.#add(Number(id), String(database), String(name), uuid);
    }
  }

  #add(id: number, database: string, name: string, uuid: Uint8Array): Collection {
    const collections = this.#databases.get(database) ?? new Map<string, Collection>();
    const collection = new Collection(this.#statements, id, `${database}.${name}`, uuid);
    collections.set(name, collection);
    this.#databases.set(database, collections);
    return collection;
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
