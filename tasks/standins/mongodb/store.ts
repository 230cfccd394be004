import { SqliteStore } from "../sqlite.ts";
import { Collection } from "./collection.ts";
import { CommandError } from "./errors.ts";
import type { Work } from "./work.ts";

/**
 * `documents` has the BSON itself; `id_key` is the equality key of its `_id` (order.ts), so that SQLite's own key rejects
 * duplicates. Columns that are read alone come before the large one. The `uuid` is unused; earlier states have it.
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
    collection INTEGER NOT NULL,
    id_key BLOB NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (collection, id_key)
  );
  CREATE INDEX IF NOT EXISTS documents_in_order ON documents (collection, position);
  PRAGMA foreign_keys=OFF;
  DELETE FROM documents WHERE collection NOT IN (SELECT id FROM collections);
`;

/** MongoDB Limits and Thresholds, "Namespace Length". */
const MAX_NAMESPACE_BYTES = 255;

export class Store extends SqliteStore {
  constructor(stateDirectory: string | undefined) {
    super("mongodb", stateDirectory, SCHEMA);
  }

  databaseNames(): readonly string[] {
    const names = this.sql("SELECT DISTINCT database FROM collections ORDER BY database");
    return names.all().map(({ database }) => String(database));
  }

  collectionNames(database: string): readonly string[] {
    const names = this.sql("SELECT name FROM collections WHERE database = ? ORDER BY id");
    return names.all(database).map(({ name }) => String(name));
  }

  find(database: string, name: string): Collection | undefined {
    const sql = "SELECT id FROM collections WHERE database = ? AND name = ?";
    const row = this.sql(sql).get(database, name);
    return row && new Collection(this, Number(row.id), `${database}.${name}`);
  }

  ensure(database: string, name: string): Collection {
    const existing = this.find(database, name);
    if (existing !== undefined) return existing;
    const namespace = `${database}.${name}`;
    checkNamespace(database, name, namespace);
    const { lastInsertRowid } = this
      .sql("INSERT INTO collections (database, name, uuid) VALUES (?, ?, randomblob(16))")
      .run(database, name);
    return new Collection(this, Number(lastInsertRowid), namespace);
  }

  /** Drops a collection at once, and its documents one by one. The next start removes what an interruption leaves. */
  *drop({ id }: Collection): Work<void> {
    this.sql("DELETE FROM collections WHERE id = ?").run(id);
    const removeFirst = this.sql(
      "DELETE FROM documents WHERE position = (SELECT min(position) FROM documents WHERE collection = ?)",
    );
    while (removeFirst.run(id).changes !== 0) yield;
  }
}

function checkNamespace(database: string, name: string, namespace: string): void {
  const isValid = /^[^/\\. "$\0]+$/.test(database) &&
    /^(?!\.|system\.)[^$\0]+(?<!\.)$/.test(name) &&
    new TextEncoder().encode(namespace).length <= MAX_NAMESPACE_BYTES;
  if (!isValid) throw new CommandError(73, `Invalid namespace specified '${namespace}'`);
}
