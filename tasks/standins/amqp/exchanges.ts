import { AmqpError, assertNoSystemName, notFound, notImplemented } from "./amqp_error.ts";
import type { ClientMethods } from "./methods.ts";
import type { Binding, Store } from "./store.ts";

/** The topic exchanges of the virtual host with their bindings. */
export class Exchanges {
  readonly #store: Store;
  readonly #exchanges = new Map<string, readonly Binding[]>();

  constructor(store: Store) {
    this.#store = store;
    const bindings = store.bindings();
    for (const name of store.exchanges()) {
      this.#exchanges.set(name, bindings.filter(({ exchange }) => exchange === name));
    }
  }

  /** The names of the queues that an exchange sends a message to, each once; `undefined` when there is no such exchange. */
  route(name: string, routingKey: string): ReadonlySet<string> | undefined {
    const key = splitWords(routingKey);
    const matching = this.#exchanges.get(name)
      ?.filter((binding) => matchesTopic(splitWords(binding.routingKey), key));
    return matching && new Set(matching.map(({ queue }) => queue));
  }

  /** Creates an exchange unless it exists. A passive declaration requires it to exist. */
  declare({ exchange: name, type, passive, durable }: ClientMethods["ExchangeDeclare"]): void {
    if (passive) return void this.#get(name);
    assertManageable(name);
    if (["direct", "fanout", "headers"].includes(type)) throw notImplemented(`${type} exchanges`);
    if (type !== "topic") throw new AmqpError(503, `unknown exchange type '${type}'`);
    if (!durable) throw notImplemented("transient exchanges");
    if (this.#exchanges.has(name)) return;
    this.#exchanges.set(name, []);
    this.#store.insertExchange(name);
  }

  delete(name: string): void {
    assertManageable(name);
    if (this.#exchanges.delete(name)) this.#store.deleteExchange(name);
  }

  bind(binding: Binding): void {
    this.#exchanges.set(binding.exchange, [...this.#without(binding), binding]);
    this.#store.insertBinding(binding);
  }

  unbind(binding: Binding): void {
    this.#exchanges.set(binding.exchange, this.#without(binding));
    this.#store.deleteBinding(binding);
  }

  /** Removes every binding of a queue that is being deleted; the store removes them with it. */
  unbindAll(queue: string): void {
    for (const [name, bindings] of this.#exchanges) {
      this.#exchanges.set(name, bindings.filter((binding) => binding.queue !== queue));
    }
  }

  #get(name: string): readonly Binding[] {
    const bindings = this.#exchanges.get(name);
    if (bindings !== undefined) return bindings;
    assertManageable(name);
    throw notFound("exchange", name);
  }

  #without({ exchange, queue, routingKey }: Binding): readonly Binding[] {
    return this.#get(exchange)
      .filter((other) => other.queue !== queue || other.routingKey !== routingKey);
  }
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
