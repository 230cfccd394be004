import { assertNoSystemName, notFound } from "./amqp_error.ts";
import { DeadLetters } from "./dead_letters.ts";
import {
  assertNotReserved,
  assertQuorumOptions,
  assertSameQueue,
  assertUsableBy,
  generateName,
} from "./declarations.ts";
import { Exchanges } from "./exchanges.ts";
import type { Publication } from "./message.ts";
import { Queue, type QueueContext, type QueueOptions } from "./queue.ts";
import type { Store } from "./store.ts";

/** What became of a publication. */
export interface PublishResult {
  /** Whether any queue is bound for it. */
  readonly isRouted: boolean;
  /** Whether every queue it was routed to took it. */
  readonly isAccepted: boolean;
}

/** The exchanges and queues of the virtual host, and the way of a message through them. */
export class Topology {
  readonly exchanges: Exchanges;
  readonly #store: Store;
  readonly #queues = new Map<string, Queue>();
  readonly #deadLetters: DeadLetters;
  readonly #context: QueueContext;
  #lastMessageId = 0;
  #lastQueueId = 0;

  constructor(store: Store) {
    this.#store = store;
    this.exchanges = new Exchanges(store);
    this.#deadLetters = new DeadLetters(store, (exchange, key) => this.#route(exchange, key) ?? []);
    this.#context = {
      store,
      nextMessageId: () => ++this.#lastMessageId,
      bury: (queue, message, reason) => this.#deadLetters.bury(queue, message, reason),
    };
    this.#load();
  }

  /** Routes a message to its queues. */
  publish(publication: Publication): PublishResult {
    const targets = this.#route(publication.exchange, publication.routingKey);
    if (targets === undefined) {
      assertNoSystemName("exchange", publication.exchange);
      throw notFound("exchange", publication.exchange);
    }
    if (targets.length === 0 && publication.exchange === "") {
      assertNoSystemName("queue", publication.routingKey);
    }
    const accepting = targets.filter((queue) => queue.hasRoom);
    for (const queue of accepting) queue.enqueue(publication);
    return { isRouted: targets.length > 0, isAccepted: accepting.length === targets.length };
  }

  hasQueue(name: string): boolean {
    return this.#queues.has(name);
  }

  /** Finds a queue for a connection. */
  queue(name: string, connection: object): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      assertNoSystemName("queue", name);
      throw notFound("queue", name);
    }
    assertUsableBy(queue, connection);
    return queue;
  }

  /** Creates a queue; one that is the same already stays. */
  declareQueue(options: QueueOptions, connection: object): Queue {
    const existing = this.#queues.get(options.name);
    if (existing !== undefined) {
      assertUsableBy(existing, connection);
      assertSameQueue(options, existing.options);
      return existing;
    }
    assertNotReserved("queue", options.name);
    const name = options.name === "" ? generateName("amq.gen-") : options.name;
    const isStored = options.isDurable && options.owner === undefined;
    const storeId = isStored ? this.#lastQueueId + 1 : undefined;
    const queue = new Queue({ ...options, name }, storeId, this.#context);
    assertQuorumOptions(queue);
    this.#queues.set(name, queue);
    if (storeId !== undefined) {
      this.#lastQueueId = storeId;
      this.#store.insertQueue({ id: storeId, name, arguments: options.arguments });
    }
    return queue;
  }

  /** Deletes a queue with its messages and bindings. */
  deleteQueue(queue: Queue): void {
    if (!this.#queues.delete(queue.options.name)) return;
    this.exchanges.unbindAll(queue.options.name);
    if (queue.storeId !== undefined) this.#store.deleteQueue(queue.storeId);
    queue.delete();
  }

  /** Deletes the queues that are exclusive to a connection, at its end. */
  deleteQueuesOf(connection: object): void {
    const owned = [...this.#queues.values()].filter(({ options }) => options.owner === connection);
    for (const queue of owned) this.deleteQueue(queue);
  }

  /** Stops every timer. The state stays as it is. */
  close(): void {
    this.#deadLetters.close();
    for (const queue of this.#queues.values()) queue.close();
  }

  /** The queues for a message; `undefined` when there is no such exchange. The default exchange routes by queue name. */
  #route(exchange: string, routingKey: string): readonly Queue[] | undefined {
    const names = exchange === "" ? [routingKey] : this.exchanges.route(exchange, routingKey);
    if (names === undefined) return undefined;
    return [...names].map((name) => this.#queues.get(name)).filter((queue) => queue !== undefined);
  }

  #load(): void {
    this.#store.returnOutstandingMessages();
    const queuesById = new Map<number, Queue>();
    for (const { id, name, arguments: table } of this.#store.queues()) {
      const options = { name, isDurable: true, arguments: table };
      const queue = new Queue(options, id, this.#context);
      this.#queues.set(name, queue);
      queuesById.set(id, queue);
      this.#lastQueueId = Math.max(this.#lastQueueId, id);
    }
    // All of them first: moving a dead one writes to the table and appends to a queue.
    const stored = [...this.#store.messages()];
    this.#lastMessageId = stored.at(-1)?.message.id ?? 0;
    const dead: (() => void)[] = [];
    for (const { queueId, message, deathReason } of stored) {
      const queue = queuesById.get(queueId);
      if (queue === undefined) continue;
      if (deathReason !== undefined) {
        dead.push(() => this.#deadLetters.bury(queue, message, deathReason));
      } else if (queue.isOverLimit(message)) {
        dead.push(() => this.#deadLetters.bury(queue, message, "delivery_limit"));
      } else {
        queue.restore(message);
      }
    }
    for (const bury of dead) bury();
  }
}
