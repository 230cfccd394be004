import { AmqpError, assertNoSystemName, notFound } from "./amqp_error.ts";
import { assertNotReserved, assertSame, assertTopicExchange } from "./declarations.ts";
import { Exchange } from "./exchange.ts";
import type { Store } from "./store.ts";

/** A queue's part in a binding. */
export interface BoundQueue {
  readonly name: string;
  /** Whether it survives a restart. */
  readonly isStored: boolean;
}

/** The exchanges of the virtual host, except the default one, with their bindings. */
export class Exchanges {
  readonly #store: Store;
  readonly #exchanges = new Map<string, Exchange>();

  constructor(store: Store) {
    this.#store = store;
    for (const name of store.exchanges()) this.#exchanges.set(name, new Exchange(true));
    for (const { exchange, queue, routingKey } of store.bindings()) {
      this.#exchanges.get(exchange)?.bind(queue, routingKey);
    }
  }

  /** @throws {AmqpError} 404 when there is none, 403 for the default exchange, which cannot be managed. */
  get(name: string): Exchange {
    assertNotDefaultExchange(name);
    const exchange = this.#exchanges.get(name);
    if (exchange !== undefined) return exchange;
    assertNoSystemName("exchange", name);
    throw notFound("exchange", name);
  }

  /** The names of the queues that an exchange sends a message to; `undefined` when there is no such exchange. */
  route(name: string, routingKey: string): ReadonlySet<string> | undefined {
    return this.#exchanges.get(name)?.route(routingKey);
  }

  /** Creates an exchange; one that is the same already stays. */
  declare(name: string, type: string, isDurable: boolean): void {
    assertNotDefaultExchange(name);
    assertNotReserved("exchange", name);
    assertTopicExchange(type);
    const current = this.#exchanges.get(name);
    if (current !== undefined) {
      return assertSame("exchange", name, "durable", isDurable, current.isDurable);
    }
    this.#exchanges.set(name, new Exchange(isDurable));
    if (isDurable) this.#store.insertExchange(name);
  }

  /** Deletes an exchange and its bindings; one that does not exist is no error. */
  delete(name: string, isOnlyIfUnused: boolean): void {
    assertNotDefaultExchange(name);
    assertNoSystemName("exchange", name);
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) return;
    if (isOnlyIfUnused && !exchange.isUnused) {
      throw new AmqpError(406, `exchange '${name}' in vhost '/' in use`);
    }
    this.#exchanges.delete(name);
    if (exchange.isDurable) this.#store.deleteExchange(name);
  }

  /** Binds a queue to an exchange; a binding that exists stays. */
  bind(queue: BoundQueue, name: string, routingKey: string): void {
    const exchange = this.get(name);
    exchange.bind(queue.name, routingKey);
    if (queue.isStored && exchange.isDurable) {
      this.#store.insertBinding(name, queue.name, routingKey);
    }
  }

  /** Takes a binding away; one that does not exist is no error. */
  unbind(queue: BoundQueue, name: string, routingKey: string): void {
    this.get(name).unbind(queue.name, routingKey);
    if (queue.isStored) this.#store.deleteBinding(name, queue.name, routingKey);
  }

  /** Takes every binding of a queue away: it is being deleted, and its bindings leave the store with it. */
  unbindAll(queueName: string): void {
    for (const exchange of this.#exchanges.values()) exchange.unbindAll(queueName);
  }
}

function assertNotDefaultExchange(name: string): void {
  if (name === "") throw new AmqpError(403, "operation not permitted on the default exchange");
}
