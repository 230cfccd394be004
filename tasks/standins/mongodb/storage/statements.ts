import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The prepared statements for documents and indexes; one set serves all collections of a store. */
export class Statements {
  /** Documents of a collection. */
  readonly count: StatementSync;
  /** A page of positions after a position, in natural order. */
  readonly positions: StatementSync;
  /** The document at a position. */
  readonly read: StatementSync;
  /** The position of the document with an `_id`. */
  readonly byId: StatementSync;
  /** Stores a document. */
  readonly insert: StatementSync;
  /** Overwrites a document. */
  readonly replace: StatementSync;
  /** Deletes a document. */
  readonly remove: StatementSync;
  /** Stores an index. */
  readonly insertIndex: StatementSync;
  /** Deletes an index. */
  readonly removeIndex: StatementSync;
  /** Another document that has a key in an index. */
  readonly keyOwner: StatementSync;
  /** The positions that have a key in an index, in natural order. */
  readonly byKey: StatementSync;
  /** Adds an entry; an array may give the same key twice. */
  readonly addEntry: StatementSync;
  /** Deletes all entries of a document. */
  readonly removeEntries: StatementSync;
  /** Says when a document expires. */
  readonly addExpiry: StatementSync;
  /** Forgets when a document expires. */
  readonly removeExpiries: StatementSync;

  /** Prepares them. */
  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql);
    this.count = prepare("SELECT count(*) AS count FROM documents WHERE collection = ?");
    this.positions = prepare(
      "SELECT position FROM documents WHERE collection = ? AND position > ? ORDER BY position LIMIT ?",
    );
    this.read = prepare("SELECT document FROM documents WHERE position = ?");
    this.byId = prepare("SELECT position FROM documents WHERE collection = ? AND id_key = ?");
    this.insert = prepare("INSERT INTO documents (collection, id_key, document) VALUES (?, ?, ?)");
    this.replace = prepare("UPDATE documents SET document = ? WHERE position = ?");
    this.remove = prepare("DELETE FROM documents WHERE position = ?");
    this.insertIndex = prepare("INSERT INTO indexes (collection, specification) VALUES (?, ?)");
    this.removeIndex = prepare("DELETE FROM indexes WHERE id = ?");
    this.keyOwner = prepare(
      "SELECT position FROM index_entries WHERE index_id = ? AND key = ? AND position <> ? LIMIT 1",
    );
    this.byKey = prepare(
      "SELECT position FROM index_entries WHERE index_id = ? AND key = ? ORDER BY position",
    );
    this.addEntry = prepare(
      "INSERT OR IGNORE INTO index_entries (index_id, key, position) VALUES (?, ?, ?)",
    );
    this.removeEntries = prepare("DELETE FROM index_entries WHERE position = ?");
    this.addExpiry = prepare(
      "INSERT INTO expiries (position, index_id, expires_at_ms) VALUES (?, ?, ?)",
    );
    this.removeExpiries = prepare("DELETE FROM expiries WHERE position = ?");
  }
}
