import type { DatabaseSync } from "node:sqlite";
import { openStore } from "../../sqlite.ts";

/**
 * `documents` has the BSON itself; `id_key` and `key` are equality keys (bson/equality_key.ts), so that SQLite's own
 * keys decide what is a duplicate. Columns that are read alone stand before the large one.
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
  CREATE TABLE IF NOT EXISTS indexes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    specification BLOB NOT NULL
  );
  CREATE INDEX IF NOT EXISTS indexes_of_collection ON indexes (collection);
  CREATE TABLE IF NOT EXISTS index_entries (
    index_id INTEGER NOT NULL REFERENCES indexes (id) ON DELETE CASCADE,
    key BLOB NOT NULL,
    position INTEGER NOT NULL REFERENCES documents (position) ON DELETE CASCADE,
    PRIMARY KEY (index_id, key, position)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS index_entries_of_document ON index_entries (position);
  CREATE TABLE IF NOT EXISTS expiries (
    position INTEGER NOT NULL REFERENCES documents (position) ON DELETE CASCADE,
    index_id INTEGER NOT NULL REFERENCES indexes (id) ON DELETE CASCADE,
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (position, index_id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS expiries_of_index ON expiries (index_id);
  CREATE INDEX IF NOT EXISTS expiries_in_order ON expiries (expires_at_ms);
`;

/** Opens the store of the MongoDB stand-in. */
export function openDatabase(stateDirectory: string | undefined): DatabaseSync {
  return openStore("mongodb", stateDirectory, SCHEMA);
}

/**
 * Runs a piece of work as one transaction: when it returns, what it wrote is committed; when it throws, nothing is.
 */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk may have ended the transaction already (https://www.sqlite.org/lang_transaction.html).
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
