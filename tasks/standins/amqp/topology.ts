import { assertNoSystemName, notFound } from "./amqp_error.ts";
import { DeadLetters, type DeadMessage } from "./dead_letters.ts";
import { Exchanges } from "./exchanges.ts";
import type { Publication } from "./message.ts";
import type { ClientMethods } from "./methods.ts";
import { Queue } from "./queue.ts";
import { assertSameDeclaration, checkDeclaration } from "./queue_arguments.ts";
import type { Store, StoredQueue } from "./store.ts";

/** The exchanges and queues of the virtual host, and the routing of messages. */
export class Topology {
  readonly exchanges: Exchanges;
  readonly #store: Store;
  readonly #queues = new Map<string, Queue>();
  readonly #deadLetters: DeadLetters;

  constructor(store: Store) {
    this.#store = store;
    this.exchanges = new Exchanges(store);
    this.#deadLetters = new DeadLetters(store, (exchange, key) => this.#route(exchange, key) ?? []);
    this.#load();
  }

  /** Routes a message to its queues: whether any is bound for it, and whether every one took it. */
  publish(publication: Publication): { isRouted: boolean; isAccepted: boolean } {
    const { exchange, routingKey } = publication;
    const targets = this.#route(exchange, routingKey);
    if (targets === undefined) throw notFound("exchange", exchange);
    if (targets.length === 0 && exchange === "") assertNoSystemName("queue", routingKey);
    const accepting = targets.filter((queue) => queue.hasRoom);
    for (const queue of accepting) queue.enqueue(publication);
    return { isRouted: targets.length > 0, isAccepted: accepting.length === targets.length };
  }

  /** @throws {AmqpError} 404 when there is none. */
  queue(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw notFound("queue", name);
    return queue;
  }

  /** Creates a queue, unless an equivalent one exists. A passive declaration requires it to exist. */
  declareQueue(fields: ClientMethods["QueueDeclare"]): Queue {
    const { queue: name, passive, arguments: table } = fields;
    if (passive) return this.queue(name);
    const existing = this.#queues.get(name);
    if (existing !== undefined) {
      assertSameDeclaration(fields, existing.stored.arguments);
      return existing;
    }
    assertNoSystemName("queue", name);
    checkDeclaration(fields);
    const stored = { id: this.#store.nextQueueId(), name, arguments: table };
    this.#store.insertQueue(stored);
    return this.#add(stored);
  }

  /** Deletes a queue with its messages and bindings. Returns how many messages waited in it; none where there is no queue. */
  deleteQueue(name: string): number {
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      assertNoSystemName("queue", name);
      return 0;
    }
    const { waitingCount } = queue;
    this.#queues.delete(name);
    this.exchanges.unbindAll(name);
    this.#store.deleteQueue(queue.stored.id);
    queue.delete();
    return waitingCount;
  }

  /** Stops every timer. The state stays as it is. */
  close(): void {
    this.#deadLetters.close();
    for (const queue of this.#queues.values()) queue.close();
  }

  #add(stored: StoredQueue): Queue {
    const queue = new Queue(stored, this.#store, this.#deadLetters);
    this.#queues.set(stored.name, queue);
    return queue;
  }

  /** The queues for a message; `undefined` when there is no such exchange. The default exchange routes by queue name. */
  #route(exchange: string, routingKey: string): readonly Queue[] | undefined {
    const names = exchange === "" ? [routingKey] : this.exchanges.route(exchange, routingKey);
    return names && [...names].flatMap((name) => this.#queues.get(name) ?? []);
  }

  #load(): void {
    this.#store.returnOutstandingMessages();
    const queues = new Map(this.#store.queues().map((stored) => [stored.id, this.#add(stored)]));
    const dead: DeadMessage[] = [];
    for (const { queueId, message, deathReason } of this.#store.messages()) {
      const queue = queues.get(queueId);
      if (queue === undefined) continue;
      const reason = deathReason ?? (queue.isOverLimit(message) ? "delivery_limit" : undefined);
      if (reason === undefined) queue.restore(message);
      else dead.push({ queue, message, reason });
    }
    // Last: moving a dead one appends to a queue.
    for (const each of dead) this.#deadLetters.bury(each);
  }
}
