import { AmqpError, notFound } from "./amqp_error.ts";
import { assertNotReserved, assertSame, parseExchangeType } from "./declarations.ts";
import { Exchange, type ExchangeOptions, type ExchangeType } from "./exchange.ts";
import type { Store } from "./store.ts";

/** The exchanges that every virtual host has (AMQP 0-9-1, section 3.1.3). */
const SYSTEM_EXCHANGES: ReadonlyMap<string, ExchangeType> = new Map([
  ["amq.direct", "direct"],
  ["amq.fanout", "fanout"],
  ["amq.topic", "topic"],
]);

/** A queue's part in a binding. */
export interface BoundQueue {
  /** Its name. */
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
    for (const [name, type] of SYSTEM_EXCHANGES) {
      this.#exchanges.set(name, new Exchange({ type, isDurable: true, isAutoDelete: false }));
    }
    for (const { name, options } of store.exchanges()) {
      this.#exchanges.set(name, new Exchange(options));
    }
    for (const { exchange, queue, routingKey } of store.bindings()) {
      this.#exchanges.get(exchange)?.bind(queue, routingKey);
    }
  }

  /**
   * Checks that an exchange exists.
   *
   * @throws {AmqpError} 404 when it does not, 403 for the default exchange, which cannot be managed.
   */
  get(name: string): Exchange {
    assertNotDefaultExchange(name);
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) throw notFound("exchange", name);
    return exchange;
  }

  /** The names of the queues that an exchange sends a message to; `undefined` when there is no such exchange. */
  route(name: string, routingKey: string): ReadonlySet<string> | undefined {
    return this.#exchanges.get(name)?.route(routingKey);
  }

  /**
   * Creates an exchange; one that is the same already stays.
   *
   * @throws {AmqpError} When the name is reserved or the exchange is another.
   */
  declare(name: string, typeName: string, options: Omit<ExchangeOptions, "type">): void {
    assertNotDefaultExchange(name);
    const type = parseExchangeType(typeName);
    const current = this.#exchanges.get(name)?.options;
    if (current !== undefined) {
      assertSame("exchange", name, "type", type, current.type);
      assertSame("exchange", name, "durable", options.isDurable, current.isDurable);
      assertSame("exchange", name, "auto_delete", options.isAutoDelete, current.isAutoDelete);
      return;
    }
    assertNotReserved("exchange", name);
    const exchange = new Exchange({ ...options, type });
    this.#exchanges.set(name, exchange);
    if (options.isDurable) this.#store.insertExchange(name, exchange.options);
  }

  /**
   * Deletes an exchange and its bindings; one that does not exist is no error.
   *
   * @throws {AmqpError} 403 when it is the system's, 406 when it is in use and `isOnlyIfUnused`.
   */
  delete(name: string, isOnlyIfUnused: boolean): void {
    assertNotDefaultExchange(name);
    if (SYSTEM_EXCHANGES.has(name)) {
      throw new AmqpError(403, `deletion of system exchange '${name}' in vhost '/' not allowed`);
    }
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) return;
    if (isOnlyIfUnused && !exchange.isUnused) {
      throw new AmqpError(406, `exchange '${name}' in vhost '/' in use`);
    }
    this.#remove(name, exchange);
  }

  /**
   * Binds a queue to an exchange; a binding that exists stays.
   *
   * @throws {AmqpError} When there is no such exchange.
   */
  bind(queue: BoundQueue, name: string, routingKey: string): void {
    const exchange = this.get(name);
    exchange.bind(queue.name, routingKey);
    if (queue.isStored && exchange.options.isDurable) {
      this.#store.insertBinding(name, queue.name, routingKey);
    }
  }

  /**
   * Takes a binding away; one that does not exist is no error.
   *
   * @throws {AmqpError} When there is no such exchange.
   */
  unbind(queue: BoundQueue, name: string, routingKey: string): void {
    const exchange = this.get(name);
    if (!exchange.unbind(queue.name, routingKey)) return;
    if (queue.isStored) this.#store.deleteBinding(name, queue.name, routingKey);
    this.#removeIfDone(name, exchange);
  }

  /** Takes every binding of a queue away: it is being deleted, and its bindings leave the store with it. */
  unbindAll(queueName: string): void {
    for (const [name, exchange] of this.#exchanges) {
      if (exchange.unbindAll(queueName)) this.#removeIfDone(name, exchange);
    }
  }

  #removeIfDone(name: string, exchange: Exchange): void {
    if (exchange.options.isAutoDelete && exchange.isUnused) this.#remove(name, exchange);
  }

  #remove(name: string, exchange: Exchange): void {
    this.#exchanges.delete(name);
    if (exchange.options.isDurable) this.#store.deleteExchange(name);
  }
}

function assertNotDefaultExchange(name: string): void {
  if (name === "") throw new AmqpError(403, "operation not permitted on the default exchange");
}
