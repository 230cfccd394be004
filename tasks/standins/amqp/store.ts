import { Buffer } from "node:buffer";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { FieldTable } from "./methods.ts";
import type { ExchangeOptions, ExchangeType } from "./exchange.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { DeathReason, Message } from "./message.ts";
import { prepareStatements, type Statements } from "./store_schema.ts";

/** A queue as it is stored. */
export interface StoredQueue {
  /** Refers to the queue in the table of messages. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** Whether it is deleted with its last consumer. */
  readonly isAutoDelete: boolean;
  /** The arguments of its declaration. */
  readonly arguments: FieldTable;
}

/** A message as it is stored. */
export interface StoredMessage {
  /** The queue that holds it. */
  readonly queueId: number;
  /** The message itself. */
  readonly message: Message;
  /** Set when it waits to be dead-lettered. */
  readonly deathReason: DeathReason | undefined;
}

/** The durable state. Every write is part of the turn's {@linkcode GroupCommit}; reads happen at the start only. */
export class Store {
  readonly #database: DatabaseSync;
  readonly #commit: GroupCommit;
  readonly #statements: Statements;

  /** Prepares the statements. */
  constructor(database: DatabaseSync, commit: GroupCommit) {
    this.#database = database;
    this.#commit = commit;
    this.#statements = prepareStatements(database);
  }

  /** Adds an exchange. */
  insertExchange(name: string, options: ExchangeOptions): void {
    this.#commit.write(
      this.#statements.insertExchange,
      name,
      options.type,
      Number(options.isAutoDelete),
    );
  }

  /** Removes an exchange and its bindings. */
  deleteExchange(name: string): void {
    this.#commit.write(this.#statements.deleteExchange, name);
    this.#commit.write(this.#statements.deleteBindingsOf, name);
  }

  /** Adds a queue. */
  insertQueue(queue: StoredQueue): void {
    this.#commit.write(
      this.#statements.insertQueue,
      queue.id,
      queue.name,
      Number(queue.isAutoDelete),
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

  /** Removes a binding. */
  deleteBinding(exchange: string, queue: string, routingKey: string): void {
    this.#commit.write(this.#statements.deleteBinding, exchange, queue, routingKey);
  }

  /** Adds a message that waits in a queue. */
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

  /** Removes a message that was settled. */
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

  /** Reads the durable exchanges. */
  *exchanges(): Iterable<{ readonly name: string; readonly options: ExchangeOptions }> {
    for (const row of this.#read("SELECT * FROM exchange")) {
      yield {
        name: String(row.name),
        options: {
          type: row.type as ExchangeType,
          isDurable: true,
          isAutoDelete: row.is_auto_delete === 1,
        },
      };
    }
  }

  /** Reads the durable queues. */
  *queues(): Iterable<StoredQueue> {
    for (const row of this.#read("SELECT * FROM queue")) {
      yield {
        id: Number(row.id),
        name: String(row.name),
        isAutoDelete: row.is_auto_delete === 1,
        arguments: JSON.parse(String(row.arguments)),
      };
    }
  }

  /** Reads the durable bindings. */
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
