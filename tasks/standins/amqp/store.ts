import { Buffer } from "node:buffer";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { FieldTable } from "./methods.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { DeathReason, Message } from "./message.ts";
import { prepareStatements, type Statements } from "./store_schema.ts";

export interface StoredQueue {
  /** Refers to the queue in the table of messages. */
  readonly id: number;
  readonly name: string;
  readonly arguments: FieldTable;
}

export interface StoredMessage {
  readonly queueId: number;
  readonly message: Message;
  /** Set when it waits to be dead-lettered. */
  readonly deathReason: DeathReason | undefined;
}

/** The durable state. Every write is part of the turn's {@linkcode GroupCommit}; reads happen at the start only. */
export class Store {
  readonly #database: DatabaseSync;
  readonly #commit: GroupCommit;
  readonly #statements: Statements;

  constructor(database: DatabaseSync, commit: GroupCommit) {
    this.#database = database;
    this.#commit = commit;
    this.#statements = prepareStatements(database);
  }

  insertExchange(name: string): void {
    this.#commit.write(this.#statements.insertExchange, name);
  }

  /** Removes an exchange and its bindings. */
  deleteExchange(name: string): void {
    this.#commit.write(this.#statements.deleteExchange, name);
    this.#commit.write(this.#statements.deleteBindingsOf, name);
  }

  insertQueue(queue: StoredQueue): void {
    this.#commit.write(
      this.#statements.insertQueue,
      queue.id,
      queue.name,
      JSON.stringify(queue.arguments),
    );
  }

  /** Removes a queue, its bindings and its messages. */
  deleteQueue(id: number): void {
    this.#commit.write(this.#statements.deleteQueue, id);
  }

  /** Adds a binding; one that exists stays. */
  insertBinding(exchange: string, queue: string, routingKey: string): void {
    this.#commit.write(this.#statements.insertBinding, exchange, queue, routingKey);
  }

  deleteBinding(exchange: string, queue: string, routingKey: string): void {
    this.#commit.write(this.#statements.deleteBinding, exchange, queue, routingKey);
  }

  insertMessage(queueId: number, message: Message): void {
    this.#commit.write(
      this.#statements.insertMessage,
      message.id,
      queueId,
      message.exchange,
      message.routingKey,
      message.properties,
      message.body,
      message.expiresAtMs ?? null,
      message.deliveryCount,
    );
  }

  deleteMessage(id: number): void {
    this.#commit.write(this.#statements.deleteMessage, id);
  }

  /** Removes the messages of a queue that wait, not those that are delivered or being dead-lettered. */
  deleteWaitingMessages(queueId: number): void {
    this.#commit.write(this.#statements.deleteWaitingMessages, queueId);
  }

  /** Remembers that a message is with a consumer. */
  markDelivered(id: number): void {
    this.#commit.write(this.#statements.markDelivered, id);
  }

  /** Remembers that a message was given back. */
  markReturned(id: number, deliveryCount: number): void {
    this.#commit.write(this.#statements.markReturned, deliveryCount, id);
  }

  /** Remembers that a message waits to be dead-lettered. */
  markDead(id: number, reason: DeathReason): void {
    this.#commit.write(this.#statements.markDead, reason, id);
  }

  /** Counts the messages that were with a consumer when the broker ended as given back once more. */
  returnOutstandingMessages(): void {
    this.#commit.write(this.#statements.returnOutstanding);
  }

  *exchanges(): Iterable<string> {
    for (const { name } of this.#read("SELECT name FROM exchange")) yield String(name);
  }

  *queues(): Iterable<StoredQueue> {
    for (const row of this.#read("SELECT * FROM queue")) {
      yield {
        id: Number(row.id),
        name: String(row.name),
        arguments: JSON.parse(String(row.arguments)),
      };
    }
  }

  *bindings(): Iterable<
    { readonly exchange: string; readonly queue: string; readonly routingKey: string }
  > {
    for (const row of this.#read("SELECT * FROM binding")) {
      yield {
        exchange: String(row.exchange),
        queue: String(row.queue),
        routingKey: String(row.routing_key),
      };
    }
  }

  /** Reads the messages in their order of arrival. */
  *messages(): Iterable<StoredMessage> {
    for (const row of this.#read("SELECT * FROM message ORDER BY id")) {
      yield {
        queueId: Number(row.queue_id),
        deathReason: row.death_reason === null ? undefined : row.death_reason as DeathReason,
        message: {
          id: Number(row.id),
          exchange: String(row.exchange),
          routingKey: String(row.routing_key),
          properties: toBuffer(row.properties),
          body: toBuffer(row.body),
          expiresAtMs: row.expires_at_ms === null ? undefined : Number(row.expires_at_ms),
          isStored: true,
          deliveryCount: Number(row.delivery_count),
        },
      };
    }
  }

  #read(sql: string): Iterable<Record<string, SQLOutputValue>> {
    return this.#database.prepare(sql).iterate();
  }
}

function toBuffer(value: SQLOutputValue | undefined): Buffer {
  if (!(value instanceof Uint8Array)) throw new TypeError("Cannot read a message: it is no blob");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
