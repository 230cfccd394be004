import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * The tables. The columns `type` and `is_auto_delete` say what every exchange and queue is; earlier states have them, too. A message is a row until it is settled; `is_outstanding` means delivered and not settled yet.
 */
export const STORE_SCHEMA = `
  CREATE TABLE IF NOT EXISTS exchange (
    name TEXT PRIMARY KEY, type TEXT NOT NULL, is_auto_delete INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, is_auto_delete INTEGER NOT NULL, arguments TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS binding (
    exchange TEXT NOT NULL,
    queue TEXT NOT NULL REFERENCES queue(name) ON DELETE CASCADE,
    routing_key TEXT NOT NULL,
    PRIMARY KEY (exchange, queue, routing_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS binding_queue ON binding (queue);
  CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, queue_id INTEGER NOT NULL REFERENCES queue(id) ON DELETE CASCADE,
    exchange TEXT NOT NULL, routing_key TEXT NOT NULL, properties BLOB NOT NULL, body BLOB NOT NULL,
    expires_at_ms INTEGER, delivery_count INTEGER NOT NULL, is_outstanding INTEGER NOT NULL, death_reason TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS message_queue ON message (queue_id);
`;

/** Takes as much room as a message with its pages would, and gives it back: fails where the disk is full. */
export const STORE_PROBE = `
  BEGIN;
  CREATE TABLE IF NOT EXISTS probe (bytes BLOB);
  INSERT INTO probe VALUES (zeroblob(65536));
  COMMIT;
  DROP TABLE probe;
`;

const SQL = {
  insertExchange: "INSERT INTO exchange VALUES (?, 'topic', 0)",
  deleteExchange: "DELETE FROM exchange WHERE name = ?",
  deleteBindingsOf: "DELETE FROM binding WHERE exchange = ?",
  insertQueue: "INSERT INTO queue VALUES (?, ?, 0, ?)",
  deleteQueue: "DELETE FROM queue WHERE id = ?",
  insertBinding: "INSERT OR IGNORE INTO binding VALUES (?, ?, ?)",
  deleteBinding: "DELETE FROM binding WHERE exchange = ? AND queue = ? AND routing_key = ?",
  insertMessage: "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, NULL)",
  deleteMessage: "DELETE FROM message WHERE id = ?",
  deleteWaitingMessages:
    "DELETE FROM message WHERE queue_id = ? AND is_outstanding = 0 AND death_reason IS NULL",
  markDelivered: "UPDATE message SET is_outstanding = 1 WHERE id = ?",
  markReturned: "UPDATE message SET is_outstanding = 0, delivery_count = ? WHERE id = ?",
  markDead: "UPDATE message SET is_outstanding = 0, death_reason = ? WHERE id = ?",
  returnOutstanding:
    "UPDATE message SET is_outstanding = 0, delivery_count = delivery_count + 1 WHERE is_outstanding = 1",
} as const;

/** The statements of {@linkcode SQL}, prepared. */
export type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)] as const);
  return Object.fromEntries(prepared) as Statements;
}
