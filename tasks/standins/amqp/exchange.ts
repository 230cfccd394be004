import { matchesTopic, splitWords, type Words } from "./topic_pattern.ts";

interface Binding {
  readonly words: Words;
  readonly queues: Set<string>;
}

/** A topic exchange: routes messages to queues, by name. */
export class Exchange {
  /** Whether it survives a restart. */
  readonly isDurable: boolean;
  readonly #bindings = new Map<string, Binding>();

  constructor(isDurable: boolean) {
    this.isDurable = isDurable;
  }

  get isUnused(): boolean {
    return this.#bindings.size === 0;
  }

  /** Sends what matches the routing key to the queue, from now on. */
  bind(queue: string, routingKey: string): void {
    const binding = this.#bindings.get(routingKey) ??
      { words: splitWords(routingKey), queues: new Set<string>() };
    binding.queues.add(queue);
    this.#bindings.set(routingKey, binding);
  }

  unbind(queue: string, routingKey: string): void {
    const queues = this.#bindings.get(routingKey)?.queues;
    queues?.delete(queue);
    if (queues?.size === 0) this.#bindings.delete(routingKey);
  }

  unbindAll(queue: string): void {
    for (const routingKey of [...this.#bindings.keys()]) this.unbind(queue, routingKey);
  }

  /** The names of the queues that get a message with this routing key, each once. */
  route(routingKey: string): ReadonlySet<string> {
    const key = splitWords(routingKey);
    const matching = [...this.#bindings.values()].filter(({ words }) => matchesTopic(words, key));
    return new Set(matching.flatMap(({ queues }) => [...queues]));
  }
}
