import { clearTimeout, setTimeout } from "node:timers";
import { decodeProperties, encodeProperties } from "./codec.ts";
import { isAutomaticCycle, recordDeath } from "./death_headers.ts";
import type { DeathReason, Message } from "./message.ts";
import type { Queue } from "./queue.ts";
import type { Store } from "./store.ts";

/**
 * How long an at-least-once dead letter waits for its target before the next try. RabbitMQ waits three minutes
 * (`dead_letter_worker_publisher_confirm_timeout`), too long for a playground.
 */
const RETRY_MS = 1_000;

/** Finds the queues of a routing key; none when the exchange does not exist. */
export type Route = (exchange: string, routingKey: string) => readonly Queue[];

interface DeadMessage {
  readonly queue: Queue;
  readonly message: Message;
  readonly reason: DeathReason;
}

/** Moves dead messages to where their queue sends them, in the same transaction that removes them from it. */
export class DeadLetters {
  readonly #store: Store;
  readonly #route: Route;
  readonly #held = new Set<DeadMessage>();
  readonly #dying: DeadMessage[] = [];
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(store: Store, route: Route) {
    this.#store = store;
    this.#route = route;
  }

  /**
   * Dead-letters a message that its queue no longer lists. Its arrival may make others expire; a loop moves them, not recursion.
   */
  bury(queue: Queue, message: Message, reason: DeathReason): void {
    this.#dying.push({ queue, message, reason });
    if (this.#dying.length > 1) return;
    try {
      // Includes messages added meanwhile.
      for (const dead of this.#dying) this.#move(dead);
    } finally {
      this.#dying.length = 0;
    }
  }

  close(): void {
    clearTimeout(this.#retryTimer);
  }

  #move(dead: DeadMessage): void {
    if (this.#forward(dead)) {
      this.#store.deleteMessage(dead.message.id);
      return;
    }
    this.#store.markDead(dead.message.id, dead.reason);
    this.#held.add(dead);
    this.#retryTimer ??= setTimeout(() => this.#retry(), RETRY_MS);
  }

  #retry(): void {
    this.#retryTimer = undefined;
    const held = [...this.#held];
    this.#held.clear();
    for (const { queue, message, reason } of held) {
      if (!queue.isDeleted) this.bury(queue, message, reason);
    }
  }

  /** Returns false when the message must be kept: at-least-once, and not every target has room. */
  #forward({ queue, message, reason }: DeadMessage): boolean {
    const { deadLetterExchange, deadLetterRoutingKey, isAtLeastOnce } = queue.settings;
    if (deadLetterExchange === undefined) return true;
    const properties = decodeProperties(message.properties);
    const headers = recordDeath(properties.headers ?? {}, {
      reason,
      queue: queue.name,
      exchange: message.exchange,
      routingKey: message.routingKey,
      diedAtMs: Date.now(),
    });
    const routingKey = deadLetterRoutingKey ?? message.routingKey;
    const targets = this.#route(deadLetterExchange, routingKey)
      .filter((target) => !isAutomaticCycle(headers, target.name));
    if (isAtLeastOnce && (targets.length === 0 || targets.some((target) => !target.hasRoom))) {
      return false;
    }
    const publication = {
      exchange: deadLetterExchange,
      routingKey,
      properties: encodeProperties({ ...properties, headers }),
      body: message.body,
    };
    for (const target of targets) {
      if (target.hasRoom) target.enqueue(publication);
    }
    return true;
  }
}
