import { matchesTopic, splitWords, type Words } from "./topic_pattern.ts";

/** The exchange types that this broker has. */
export type ExchangeType = "direct" | "fanout" | "topic";

/** What distinguishes one exchange from another. */
export interface ExchangeOptions {
  /** How it routes. */
  readonly type: ExchangeType;
  /** Whether it survives a restart. */
  readonly isDurable: boolean;
  /** Whether it is deleted with its last binding. */
  readonly isAutoDelete: boolean;
}

interface Binding {
  readonly words: Words;
  readonly queues: Set<string>;
}

/** Routes messages to queues, by name. */
export class Exchange {
  /** What it was declared as. */
  readonly options: ExchangeOptions;
  readonly #bindings = new Map<string, Binding>();

  constructor(options: ExchangeOptions) {
    this.options = options;
  }

  /** Whether nothing is bound to it. */
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

  /** Takes one binding away. Returns false when there was none. */
  unbind(queue: string, routingKey: string): boolean {
    const binding = this.#bindings.get(routingKey);
    if (binding === undefined || !binding.queues.delete(queue)) return false;
    if (binding.queues.size === 0) this.#bindings.delete(routingKey);
    return true;
  }

  /** Takes every binding of a queue away. Returns false when there was none. */
  unbindAll(queue: string): boolean {
    const keys = [...this.#bindings.keys()];
    return keys.filter((key) => this.unbind(queue, key)).length > 0;
  }

  /** The names of the queues that get a message with this routing key, each once. */
  route(routingKey: string): ReadonlySet<string> {
    if (this.options.type === "direct") {
      return this.#bindings.get(routingKey)?.queues ?? new Set();
    }
    const key = splitWords(routingKey);
    const matching = [...this.#bindings.values()].filter(({ words }) =>
      this.options.type === "fanout" || matchesTopic(words, key)
    );
    return new Set(matching.flatMap(({ queues }) => [...queues]));
  }
}
