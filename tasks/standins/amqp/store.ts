import { Buffer } from "node:buffer";
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { SqliteStore } from "../sqlite.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { DeathReason, Message } from "./message.ts";
import type { FieldTable } from "./methods.ts";

/**
 * The tables. The columns `type` and `is_auto_delete` say what every exchange and queue is; earlier states have them, too. A message
 * is a row until it is settled; `is_outstanding` means delivered and not settled yet.
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

/** Allocates the space of a message with its pages and frees it: fails on a full disk. */
export const STORE_PROBE = `
  BEGIN;
  CREATE TABLE IF NOT EXISTS probe (bytes BLOB);
  INSERT INTO probe VALUES (zeroblob(65536));
  COMMIT;
  DROP TABLE probe;
`;

export interface StoredQueue {
  /** Refers to the queue in the table of messages. */
  readonly id: number;
  readonly name: string;
  readonly arguments: FieldTable;
}

export type Binding = {
  readonly exchange: string;
  readonly queue: string;
  readonly routingKey: string;
};

type MessageRow = Omit<Message, "properties" | "body"> & {
  queueId: number;
  properties: Uint8Array;
  body: Uint8Array;
  /** Set when it waits to be dead-lettered. */
  deathReason: DeathReason | null;
};

/** The durable state. Every write is part of the turn's {@linkcode GroupCommit}; reads happen at the start only. */
export class Store {
  readonly #database: SqliteStore;
  readonly #commit: GroupCommit;
  #lastMessageId: number;
  #lastQueueId: number;

  constructor(database: SqliteStore, commit: GroupCommit) {
    this.#database = database;
    this.#commit = commit;
    this.#lastMessageId = this.#lastId("message");
    this.#lastQueueId = this.#lastId("queue");
  }

  nextMessageId(): number {
    return ++this.#lastMessageId;
  }

  nextQueueId(): number {
    return ++this.#lastQueueId;
  }

  insertExchange(name: string): void {
    this.#write("INSERT INTO exchange VALUES (?, 'topic', 0)", name);
  }

  deleteExchange(name: string): void {
    this.#write("DELETE FROM exchange WHERE name = ?", name);
    this.#write("DELETE FROM binding WHERE exchange = ?", name);
  }

  insertQueue(queue: StoredQueue): void {
    const table = JSON.stringify(queue.arguments);
    this.#write("INSERT INTO queue VALUES (?, ?, 0, ?)", queue.id, queue.name, table);
  }

  deleteQueue(id: number): void {
    this.#write("DELETE FROM queue WHERE id = ?", id);
  }

  insertBinding({ exchange, queue, routingKey }: Binding): void {
    this.#write("INSERT OR IGNORE INTO binding VALUES (?, ?, ?)", exchange, queue, routingKey);
  }

  deleteBinding({ exchange, queue, routingKey }: Binding): void {
    const sql = "DELETE FROM binding WHERE exchange = ? AND queue = ? AND routing_key = ?";
    this.#write(sql, exchange, queue, routingKey);
  }

  insertMessage(queueId: number, message: Message): void {
    const { id, exchange, routingKey, properties, body, expiresAtMs } = message;
    const sql = "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, NULL)";
    this.#write(sql, id, queueId, exchange, routingKey, properties, body, expiresAtMs);
  }

  deleteMessage(id: number): void {
    this.#write("DELETE FROM message WHERE id = ?", id);
  }

  /** Removes the messages of a queue that wait, not those that are delivered or being dead-lettered. */
  deleteWaitingMessages(queueId: number): void {
    const sql =
      "DELETE FROM message WHERE queue_id = ? AND is_outstanding = 0 AND death_reason IS NULL";
    this.#write(sql, queueId);
  }

  markDelivered(id: number): void {
    this.#write("UPDATE message SET is_outstanding = 1 WHERE id = ?", id);
  }

  markReturned(id: number, deliveryCount: number): void {
    const sql = "UPDATE message SET is_outstanding = 0, delivery_count = ? WHERE id = ?";
    this.#write(sql, deliveryCount, id);
  }

  markDead(id: number, reason: DeathReason): void {
    this.#write("UPDATE message SET is_outstanding = 0, death_reason = ? WHERE id = ?", reason, id);
  }

  /** Counts the messages that were with a consumer when the broker ended as given back once more. */
  returnOutstandingMessages(): void {
    this.#write(
      "UPDATE message SET is_outstanding = 0, delivery_count = delivery_count + 1 WHERE is_outstanding = 1",
    );
  }

  exchanges(): readonly string[] {
    return this.#read<{ name: string }>("SELECT name FROM exchange").map(({ name }) => name);
  }

  queues(): readonly StoredQueue[] {
    return this.#read<{ id: number; name: string; arguments: string }>(
      "SELECT id, name, arguments FROM queue",
    )
      .map((row) => ({ ...row, arguments: JSON.parse(row.arguments) }));
  }

  bindings(): readonly Binding[] {
    return this.#read("SELECT exchange, queue, routing_key AS routingKey FROM binding");
  }

  messages() {
    const rows = this.#read<MessageRow>(`
      SELECT id, queue_id AS queueId, exchange, routing_key AS routingKey, properties, body,
        expires_at_ms AS expiresAtMs, delivery_count AS deliveryCount, death_reason AS deathReason
      FROM message ORDER BY id`);
    return rows.map(({ queueId, deathReason, properties, body, ...rest }) => ({
      queueId,
      deathReason,
      message: { ...rest, properties: toBuffer(properties), body: toBuffer(body) },
    }));
  }

  #lastId(table: "message" | "queue"): number {
    return Number(this.#database.prepare(`SELECT max(id) AS last FROM ${table}`).get()?.last ?? 0);
  }

  #write(sql: string, ...parameters: SQLInputValue[]): void {
    this.#commit.write(this.#database.sql(sql), ...parameters);
  }

  /** The tables are strict, so the rows have these types. */
  #read<Row extends Readonly<Record<string, SQLOutputValue>>>(sql: string): readonly Row[] {
    return this.#database.prepare(sql).all() as Row[];
  }
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
