import { assertNoSystemName, notFound } from "./amqp_error.ts";
import { DeadLetters } from "./dead_letters.ts";
import { Exchanges } from "./exchanges.ts";
import type { Publication } from "./message.ts";
import type { BrokerMethods, ClientMethod, ClientMethods } from "./methods.ts";
import { Queue } from "./queue.ts";
import { assertSameDeclaration, checkDeclaration } from "./queue_arguments.ts";
import type { Store, StoredQueue } from "./store.ts";

export type Reply = <Name extends keyof BrokerMethods>(
  name: Name,
  fields: BrokerMethods[Name],
) => void;

/** The exchanges and queues of the virtual host, and the way of a message through them. */
export class Topology {
  readonly #exchanges: Exchanges;
  readonly #store: Store;
  readonly #queues = new Map<string, Queue>();
  readonly #deadLetters: DeadLetters;

  constructor(store: Store) {
    this.#store = store;
    this.#exchanges = new Exchanges(store);
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

  /** Runs a command that declares, binds or deletes; returns whether it is one. */
  run({ name, fields }: ClientMethod, reply: Reply): boolean {
    switch (name) {
      case "ExchangeDeclare":
        this.#exchanges.declare(fields);
        reply("ExchangeDeclareOk", {});
        return true;
      case "ExchangeDelete":
        this.#exchanges.delete(fields.exchange);
        reply("ExchangeDeleteOk", {});
        return true;
      case "QueueDeclare": {
        const queue = fields.passive ? this.queue(fields.queue) : this.#declareQueue(fields);
        const { waitingCount: messageCount, consumerCount } = queue;
        reply("QueueDeclareOk", { queue: queue.name, messageCount, consumerCount });
        return true;
      }
      case "QueueBind":
        this.queue(fields.queue);
        this.#exchanges.bind(fields);
        reply("QueueBindOk", {});
        return true;
      case "QueueUnbind":
        this.queue(fields.queue);
        this.#exchanges.unbind(fields);
        reply("QueueUnbindOk", {});
        return true;
      case "QueuePurge":
        reply("QueuePurgeOk", { messageCount: this.queue(fields.queue).purge() });
        return true;
      case "QueueDelete":
        reply("QueueDeleteOk", { messageCount: this.#deleteQueue(fields.queue) });
        return true;
      default:
        return false;
    }
  }

  /** Stops every timer. The state stays as it is. */
  close(): void {
    this.#deadLetters.close();
    for (const queue of this.#queues.values()) queue.close();
  }

  /** Creates a queue; one that is the same already stays. */
  #declareQueue(fields: ClientMethods["QueueDeclare"]): Queue {
    const { queue: name, arguments: table } = fields;
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

  #add(stored: StoredQueue): Queue {
    const queue = new Queue(stored, this.#store, this.#deadLetters);
    this.#queues.set(stored.name, queue);
    return queue;
  }

  /** Deletes a queue with its messages and bindings. Returns how many messages waited in it; none where there is no queue. */
  #deleteQueue(name: string): number {
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      assertNoSystemName("queue", name);
      return 0;
    }
    const { waitingCount } = queue;
    this.#queues.delete(name);
    this.#exchanges.unbindAll(name);
    this.#store.deleteQueue(queue.stored.id);
    queue.delete();
    return waitingCount;
  }

  /** The queues for a message; `undefined` when there is no such exchange. The default exchange routes by queue name. */
  #route(exchange: string, routingKey: string): readonly Queue[] | undefined {
    const names = exchange === "" ? [routingKey] : this.#exchanges.route(exchange, routingKey);
    if (names === undefined) return undefined;
    return [...names].map((name) => this.#queues.get(name)).filter((queue) => queue !== undefined);
  }

  #load(): void {
    this.#store.returnOutstandingMessages();
    const queuesById = new Map(
      this.#store.queues().map((stored) => [stored.id, this.#add(stored)]),
    );
    const dead: (() => void)[] = [];
    for (const { queueId, message, deathReason } of this.#store.messages()) {
      const queue = queuesById.get(queueId);
      if (queue === undefined) continue;
      const reason = deathReason ?? (queue.isOverLimit(message) ? "delivery_limit" : undefined);
      if (reason === undefined) queue.restore(message);
      else dead.push(() => this.#deadLetters.bury(queue, message, reason));
    }
    // At last: moving a dead one appends to a queue.
    for (const bury of dead) bury();
  }
}
