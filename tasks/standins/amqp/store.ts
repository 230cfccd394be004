import { Buffer } from "node:buffer";
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
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

export interface Binding {
  readonly exchange: string;
  readonly queue: string;
  readonly routingKey: string;
}

/** The durable state. Every write is part of the turn's {@linkcode GroupCommit}; reads happen at the start only. */
export class Store {
  readonly #database: DatabaseSync;
  readonly #commit: GroupCommit;
  readonly #statements = new Map<string, StatementSync>();
  #lastMessageId: number;
  #lastQueueId: number;

  constructor(database: DatabaseSync, commit: GroupCommit) {
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
    const { id, exchange, routingKey, properties, body, expiresAtMs = null } = message;
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
    return this.#read("SELECT name FROM exchange", ({ name }) => String(name));
  }

  queues(): readonly StoredQueue[] {
    return this.#read("SELECT * FROM queue", ({ id, name, arguments: table }) => ({
      id: Number(id),
      name: String(name),
      arguments: JSON.parse(String(table)),
    }));
  }

  bindings(): readonly Binding[] {
    return this.#read("SELECT * FROM binding", ({ exchange, queue, routing_key }) => ({
      exchange: String(exchange),
      queue: String(queue),
      routingKey: String(routing_key),
    }));
  }

  messages() {
    return this.#read("SELECT * FROM message ORDER BY id", (row) => ({
      queueId: Number(row.queue_id),
      /** Set when it waits to be dead-lettered. */
      deathReason: row.death_reason === null ? undefined : row.death_reason as DeathReason,
      message: {
        id: Number(row.id),
        exchange: String(row.exchange),
        routingKey: String(row.routing_key),
        properties: toBuffer(row.properties),
        body: toBuffer(row.body),
        expiresAtMs: row.expires_at_ms === null ? undefined : Number(row.expires_at_ms),
        deliveryCount: Number(row.delivery_count),
      },
    }));
  }

  #lastId(table: "message" | "queue"): number {
    return Number(this.#database.prepare(`SELECT max(id) AS last FROM ${table}`).get()?.last ?? 0);
  }

  #write(sql: string, ...parameters: SQLInputValue[]): void {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    this.#commit.write(statement, ...parameters);
  }

  #read<Row>(sql: string, read: (row: Record<string, SQLOutputValue>) => Row): readonly Row[] {
    return Array.from(this.#database.prepare(sql).iterate(), read);
  }
}

function toBuffer(value: SQLOutputValue | undefined): Buffer {
  if (!(value instanceof Uint8Array)) throw new TypeError("Cannot read a message: it is no blob");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
