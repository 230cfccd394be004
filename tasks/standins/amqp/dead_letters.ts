import { clearTimeout, setTimeout } from "node:timers";
import { decodeProperties, encodeProperties } from "./codec.ts";
import type { DeathReason, Message } from "./message.ts";
import type { FieldTable, FieldValue } from "./methods.ts";
import type { Queue } from "./queue.ts";
import type { Store } from "./store.ts";

/** How long an at-least-once dead letter waits for its target. RabbitMQ's three minutes are too long for a playground. */
const RETRY_MS = 1_000;

/** Finds the queues of a routing key; none when the exchange does not exist. */
type Route = (exchange: string, routingKey: string) => readonly Queue[];

export interface DeadMessage {
  readonly queue: Queue;
  /** Its queue no longer lists it. */
  readonly message: Message;
  readonly reason: DeathReason;
}

/** Moves dead messages to where their queue sends them, in the same transaction that removes them from it. */
export class DeadLetters {
  readonly #store: Store;
  readonly #route: Route;
  readonly #held: DeadMessage[] = [];
  readonly #dying: DeadMessage[] = [];
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(store: Store, route: Route) {
    this.#store = store;
    this.#route = route;
  }

  /** Dead-letters a message. Its arrival may make others expire; a loop moves them, not recursion. */
  bury(dead: DeadMessage): void {
    this.#dying.push(dead);
    if (this.#dying.length > 1) return;
    try {
      // Includes messages added meanwhile.
      for (const dying of this.#dying) this.#move(dying);
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
    this.#held.push(dead);
    this.#retryTimer ??= setTimeout(() => this.#retry(), RETRY_MS);
  }

  #retry(): void {
    this.#retryTimer = undefined;
    for (const dead of this.#held.splice(0)) if (!dead.queue.isDeleted) this.bury(dead);
  }

  /** Returns false when the message must be kept: at-least-once, and not every target has room. */
  #forward(dead: DeadMessage): boolean {
    const { queue, message } = dead;
    const { deadLetterExchange, deadLetterRoutingKey, isAtLeastOnce } = queue.settings;
    if (deadLetterExchange === undefined) return true;
    const properties = decodeProperties(message.properties);
    const headers = recordDeath(properties.headers ?? {}, dead);
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

/**
 * Adds a death to a message's headers: `x-death` has one entry for each queue and reason, the latest first, and the
 * `x-first-death-…` headers describe the first one
 * (https://www.rabbitmq.com/docs/dlx#effects, as RabbitMQ 3.10 does it).
 */
function recordDeath(
  headers: FieldTable,
  { queue: { name: queue }, reason, message: { exchange, routingKey } }: DeadMessage,
): FieldTable {
  const { "x-delivery-count": _, ...kept } = headers;
  const deaths = deathsOf(kept);
  const known = deaths.find((entry) => entry.queue === queue && entry.reason === reason);
  const time = { "!": "timestamp", value: Math.floor(Date.now() / 1000) };
  const entry = known === undefined
    ? { count: 1, reason, queue, time, exchange, "routing-keys": [routingKey] }
    : { ...known, count: typeof known.count === "number" ? known.count + 1 : 1 };
  return {
    ...kept,
    "x-death": [entry, ...deaths.filter((other) => other !== known)],
    ...(kept["x-death"] === undefined && {
      "x-first-death-reason": reason,
      "x-first-death-queue": queue,
      "x-first-death-exchange": exchange,
    }),
  };
}

/**
 * Whether a message dead-lettered to `queue` was there before and was not rejected since. RabbitMQ does not route it there again
 * (https://www.rabbitmq.com/docs/dlx#routing, "automatic dead-letter cycles").
 */
function isAutomaticCycle(headers: FieldTable, queue: string): boolean {
  const deaths = deathsOf(headers);
  const lastTime = deaths.findIndex((entry) => entry.queue === queue);
  return lastTime !== -1 &&
    deaths.slice(0, lastTime + 1).every((entry) => entry.reason !== "rejected");
}

/** Its deaths. Clients may send the header, too, with anything in it. */
function deathsOf({ "x-death": deaths }: FieldTable): readonly FieldTable[] {
  return Array.isArray(deaths) ? deaths.filter(isTable) : [];
}

function isTable(value: FieldValue): value is FieldTable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
