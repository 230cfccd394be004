import { AmqpError, assertNoSystemName, notFound, notImplemented } from "./amqp_error.ts";
import type { Store } from "./store.ts";

/** The bindings of an exchange, by routing key: its words, and the names of the queues. */
type Exchange = Map<string, { readonly words: readonly string[]; readonly queues: Set<string> }>;

/** The topic exchanges of the virtual host with their bindings. */
export class Exchanges {
  readonly #store: Store;
  readonly #exchanges = new Map<string, Exchange>();

  constructor(store: Store) {
    this.#store = store;
    for (const name of store.exchanges()) this.#exchanges.set(name, new Map());
    for (const { exchange, queue, routingKey } of store.bindings()) {
      const bound = this.#exchanges.get(exchange);
      if (bound !== undefined) add(bound, queue, routingKey);
    }
  }

  /** @throws {AmqpError} 404 when there is none, 403 for the default exchange, which cannot be managed. */
  get(name: string): Exchange {
    assertNotDefaultExchange(name);
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) throw notFound("exchange", name);
    return exchange;
  }

  /** The names of the queues that an exchange sends a message to, each once; `undefined` when there is no such exchange. */
  route(name: string, routingKey: string): ReadonlySet<string> | undefined {
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) return undefined;
    const key = splitWords(routingKey);
    const matching = [...exchange.values()].filter(({ words }) => matchesTopic(words, key));
    return new Set(matching.flatMap(({ queues }) => [...queues]));
  }

  /** Creates an exchange; one that exists stays. */
  declare(name: string, type: string): void {
    assertNotDefaultExchange(name);
    assertNoSystemName("exchange", name);
    if (["direct", "fanout", "headers"].includes(type)) throw notImplemented(`${type} exchanges`);
    if (type !== "topic") throw new AmqpError(503, `unknown exchange type '${type}'`);
    if (this.#exchanges.has(name)) return;
    this.#exchanges.set(name, new Map());
    this.#store.insertExchange(name);
  }

  /** Deletes an exchange and its bindings; one that does not exist is no error. */
  delete(name: string): void {
    assertNotDefaultExchange(name);
    assertNoSystemName("exchange", name);
    if (this.#exchanges.delete(name)) this.#store.deleteExchange(name);
  }

  /** Binds a queue to an exchange; a binding that exists stays. */
  bind(queue: string, name: string, routingKey: string): void {
    add(this.get(name), queue, routingKey);
    this.#store.insertBinding(name, queue, routingKey);
  }

  /** Takes a binding away; one that does not exist is no error. */
  unbind(queue: string, name: string, routingKey: string): void {
    remove(this.get(name), queue, routingKey);
    this.#store.deleteBinding(name, queue, routingKey);
  }

  /** Takes every binding of a queue away: it is being deleted, and its bindings leave the store with it. */
  unbindAll(queue: string): void {
    for (const exchange of this.#exchanges.values()) {
      for (const routingKey of [...exchange.keys()]) remove(exchange, queue, routingKey);
    }
  }
}

function add(exchange: Exchange, queue: string, routingKey: string): void {
  const binding = exchange.get(routingKey) ?? { words: splitWords(routingKey), queues: new Set() };
  binding.queues.add(queue);
  exchange.set(routingKey, binding);
}

function remove(exchange: Exchange, queue: string, routingKey: string): void {
  const queues = exchange.get(routingKey)?.queues;
  queues?.delete(queue);
  if (queues?.size === 0) exchange.delete(routingKey);
}

function assertNotDefaultExchange(name: string): void {
  if (name === "") throw new AmqpError(403, "operation not permitted on the default exchange");
}

/** Cuts a topic pattern or a routing key at its dots. The empty string has no words at all. */
function splitWords(text: string): readonly string[] {
  return text === "" ? [] : text.split(".");
}

/**
 * Says whether a topic pattern covers a routing key: `*` stands for one word, `#` for any number of words
 * (AMQP 0-9-1, section 3.1.3.3).
 * The time is at most pattern length × key length, whatever a client binds.
 */
export function matchesTopic(pattern: readonly string[], key: readonly string[]): boolean {
  /** How many words of the key the pattern so far can stand for, in ascending order. */
  let covered = [0];
  for (const word of pattern) {
    const [least] = covered;
    if (least === undefined) return false;
    covered = word === "#"
      ? Array.from({ length: key.length - least + 1 }, (_, more) => least + more)
      : covered.filter((count) => count < key.length && (word === "*" || word === key[count]))
        .map((count) => count + 1);
  }
  return covered.includes(key.length);
}
