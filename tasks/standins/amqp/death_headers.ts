import type { FieldTable, FieldValue } from "./methods.ts";
import type { DeathReason } from "./message.ts";

/** How many deaths a message remembers, so that its headers stay within what the codec can encode. */
const DEATHS_MAX = 16;

export interface Death {
  readonly reason: DeathReason;
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly diedAtMs: number;
}

/**
 * The headers of a dead message: `x-death` has one entry for each queue and reason, the latest first, and the
 * `x-first-death-…` headers describe the first one
 * (https://www.rabbitmq.com/docs/dlx#effects, as RabbitMQ 3.10 does it).
 */
export function recordDeath(headers: FieldTable, death: Death): FieldTable {
  const { "x-delivery-count": _, ...kept } = headers;
  const earlier = kept["x-death"];
  const deaths = Array.isArray(earlier) ? earlier.filter(isTable) : [];
  const isSame = (entry: FieldTable) =>
    entry.queue === death.queue && entry.reason === death.reason;
  const known = deaths.find(isSame);
  const entry = known === undefined ? newEntry(death) : { ...known, count: increment(known.count) };
  return {
    ...kept,
    "x-death": [entry, ...deaths.filter((other) => !isSame(other))].slice(0, DEATHS_MAX),
    ...(earlier === undefined && {
      "x-first-death-reason": death.reason,
      "x-first-death-queue": death.queue,
      "x-first-death-exchange": death.exchange,
    }),
  };
}

/**
 * Says whether a message that is dead-lettered to `queue` has been there before without anyone rejecting it since.
 * RabbitMQ does not route it there again (https://www.rabbitmq.com/docs/dlx#routing, "automatic dead-letter cycles").
 */
export function isAutomaticCycle(headers: FieldTable, queue: string): boolean {
  const deaths = headers["x-death"];
  if (!Array.isArray(deaths)) return false;
  const entries = deaths.filter(isTable);
  const lastTime = entries.findIndex((entry) => entry.queue === queue);
  return lastTime !== -1 &&
    entries.slice(0, lastTime + 1).every((entry) => entry.reason !== "rejected");
}

function newEntry(death: Death): FieldTable {
  return {
    count: 1,
    reason: death.reason,
    queue: death.queue,
    time: { "!": "timestamp", value: Math.floor(death.diedAtMs / 1000) },
    exchange: death.exchange,
    "routing-keys": [death.routingKey],
  };
}

function increment(count: FieldValue | undefined): number {
  return typeof count === "number" ? count + 1 : 1;
}

function isTable(value: FieldValue): value is FieldTable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
