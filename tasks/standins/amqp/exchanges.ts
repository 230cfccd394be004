import { AmqpError, assertNoSystemName, notFound, notImplemented } from "./amqp_error.ts";
import type { ClientMethods } from "./methods.ts";
import type { Binding, Store } from "./store.ts";

/** The bindings of an exchange, by routing key: its words, and the names of the queues. */
type Exchange = Map<string, { readonly words: readonly string[]; readonly queues: Set<string> }>;

/** The topic exchanges of the virtual host with their bindings. */
export class Exchanges {
  readonly #store: Store;
  readonly #exchanges = new Map<string, Exchange>();

  constructor(store: Store) {
    this.#store = store;
    for (const name of store.exchanges()) this.#exchanges.set(name, new Map());
    for (const binding of store.bindings()) this.#add(binding);
  }

  /** The names of the queues that an exchange sends a message to, each once; `undefined` when there is no such exchange. */
  route(name: string, routingKey: string): readonly string[] | undefined {
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) return undefined;
    const key = splitWords(routingKey);
    const matching = [...exchange.values()].filter(({ words }) => matchesTopic(words, key));
    return [...new Set(matching.flatMap(({ queues }) => [...queues]))];
  }

  /** Creates an exchange unless it exists. A passive declaration requires it to exist. */
  declare({ exchange: name, type, passive, durable }: ClientMethods["ExchangeDeclare"]): void {
    if (passive) return void this.#get(name);
    assertManageable(name);
    if (["direct", "fanout", "headers"].includes(type)) throw notImplemented(`${type} exchanges`);
    if (type !== "topic") throw new AmqpError(503, `unknown exchange type '${type}'`);
    if (!durable) throw notImplemented("transient exchanges");
    if (this.#exchanges.has(name)) return;
    this.#exchanges.set(name, new Map());
    this.#store.insertExchange(name);
  }

  /** Deletes an exchange and its bindings, if it exists. */
  delete(name: string): void {
    assertManageable(name);
    if (this.#exchanges.delete(name)) this.#store.deleteExchange(name);
  }

  /** Binds a queue to an exchange, unless it is bound. */
  bind(binding: Binding): void {
    this.#add(binding);
    this.#store.insertBinding(binding);
  }

  /** Removes a binding, if it exists. */
  unbind(binding: Binding): void {
    remove(this.#get(binding.exchange), binding);
    this.#store.deleteBinding(binding);
  }

  /** Removes every binding of a queue that is being deleted; the store removes them with it. */
  unbindAll(queue: string): void {
    for (const exchange of this.#exchanges.values()) {
      for (const routingKey of [...exchange.keys()]) remove(exchange, { queue, routingKey });
    }
  }

  #get(name: string): Exchange {
    const exchange = this.#exchanges.get(name);
    if (exchange !== undefined) return exchange;
    assertManageable(name);
    throw notFound("exchange", name);
  }

  #add({ exchange: name, queue, routingKey }: Binding): void {
    const exchange = this.#get(name);
    const bound = exchange.get(routingKey) ?? { words: splitWords(routingKey), queues: new Set() };
    bound.queues.add(queue);
    exchange.set(routingKey, bound);
  }
}

function remove(exchange: Exchange, { queue, routingKey }: Omit<Binding, "exchange">): void {
  const queues = exchange.get(routingKey)?.queues;
  queues?.delete(queue);
  if (queues?.size === 0) exchange.delete(routingKey);
}

/** @throws {AmqpError} For the default exchange and RabbitMQ's predeclared ones. */
function assertManageable(name: string): void {
  if (name === "") throw new AmqpError(403, "operation not permitted on the default exchange");
  assertNoSystemName("exchange", name);
}

/** Cuts a topic pattern or a routing key at its dots. The empty string has no words at all. */
function splitWords(text: string): readonly string[] {
  return text === "" ? [] : text.split(".");
}

/**
 * Whether a topic pattern matches a routing key: `*` stands for one word, `#` for any number of words (AMQP 0-9-1, section
 * 3.1.3.3). The time is at most pattern length × key length.
 */
export function matchesTopic(pattern: readonly string[], key: readonly string[]): boolean {
  /** How many words of the key the pattern so far can match, in ascending order. */
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
