import { UUID } from "bson";
import type { DatabaseSync } from "node:sqlite";
import { openStore } from "../sqlite.ts";
import { Collection, DROPPED, prepareStatements } from "./collection.ts";
import { CommandError } from "./errors.ts";
import type { Work } from "./work.ts";

/**
 * `documents` has the BSON itself; `id_key` is the equality key of its `_id` (order.ts), so that SQLite's own key decides what
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

/** MongoDB Limits and Thresholds, "Namespace Length". */
const MAX_NAMESPACE_BYTES = 255;

/** The databases and their collections. */
export class Store implements Disposable {
  readonly #sqlite: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(stateDirectory: string | undefined) {
    this.#sqlite = openStore("mongodb", stateDirectory, SCHEMA);
    this.#sqlite.exec(`DELETE FROM collections WHERE name GLOB '${DROPPED}*'`);
    this.#statements = prepareStatements(this.#sqlite);
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }

  databaseNames(): readonly string[] {
    const names = this.#sqlite.prepare(
      `SELECT DISTINCT database FROM collections WHERE name NOT GLOB '${DROPPED}*' ORDER BY database`,
    );
    return names.all().map(({ database }) => String(database));
  }

  collectionsOf(database: string): readonly Collection[] {
    const names = this.#sqlite.prepare(
      `SELECT name FROM collections WHERE database = ? AND name NOT GLOB '${DROPPED}*' ORDER BY id`,
    );
    return names.all(database).flatMap(({ name }) => this.find(database, String(name)) ?? []);
  }

  find(database: string, name: string): Collection | undefined {
    const { id, uuid } = this.#statements.collection.get(database, name) ?? {};
    if (!(uuid instanceof Uint8Array) || name.startsWith(DROPPED)) return undefined;
    return new Collection(this.#statements, Number(id), database, name, uuid);
  }

  ensure(database: string, name: string): Collection {
    const existing = this.find(database, name);
    if (existing !== undefined) return existing;
    checkNamespace(database, name);
    const uuid = new UUID().buffer;
    const { lastInsertRowid } = this.#sqlite
      .prepare("INSERT INTO collections (database, name, uuid) VALUES (?, ?, ?)")
      .run(database, name, uuid);
    return new Collection(this.#statements, Number(lastInsertRowid), database, name, uuid);
  }

  /** Drops a collection with its documents. Whoever asks while that lasts finds it gone already, and its name free. */
  *drop(collection: Collection): Work<void> {
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
      throw error;
    }
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
