import type { DeathReason } from "./message.ts";
import type { FieldTable, FieldValue } from "./methods.ts";

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
  const { reason, queue, exchange, routingKey, diedAtMs } = death;
  const deaths = deathsOf(kept);
  const known = deaths.find((entry) => entry.queue === queue && entry.reason === reason);
  const time = { "!": "timestamp", value: Math.floor(diedAtMs / 1000) };
  const entry = known === undefined
    ? { count: 1, reason, queue, time, exchange, "routing-keys": [routingKey] }
    : { ...known, count: typeof known.count === "number" ? known.count + 1 : 1 };
  return {
    ...kept,
    "x-death": [entry, ...deaths.filter((other) => other !== known)].slice(0, DEATHS_MAX),
    ...(kept["x-death"] === undefined && {
      "x-first-death-reason": reason,
      "x-first-death-queue": queue,
      "x-first-death-exchange": exchange,
    }),
  };
}

/**
 * Says whether a message that is dead-lettered to `queue` has been there before without anyone rejecting it since.
 * RabbitMQ does not route it there again (https://www.rabbitmq.com/docs/dlx#routing, "automatic dead-letter cycles").
 */
export function isAutomaticCycle(headers: FieldTable, queue: string): boolean {
  const deaths = deathsOf(headers);
  const lastTime = deaths.findIndex((entry) => entry.queue === queue);
  return lastTime !== -1 &&
    deaths.slice(0, lastTime + 1).every((entry) => entry.reason !== "rejected");
}

function deathsOf({ "x-death": deaths }: FieldTable): readonly FieldTable[] {
  return Array.isArray(deaths) ? deaths.filter(isTable) : [];
}

function isTable(value: FieldValue): value is FieldTable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
