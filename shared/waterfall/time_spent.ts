import { formatRound } from "./drawing.js";
import { intersection, lengthOf } from "./interval.ts";
import type { Waterfall, WaterfallRow } from "./layout.ts";

/** A share of the time that the critical path took. */
export interface TimeShare {
  /** Microseconds. */
  readonly us: number;
  /** The service that worked or in which something waited; empty where nothing was recorded. */
  readonly service: string;
  /** The activity, such as `works` or `waits for the next poll`. */
  readonly what: string;
  readonly isWait: boolean;
}

/** What a wait is for, or where it takes place, by the name of the span. */
const WAITS: ReadonlyMap<string, string> = new Map([
  ["amqp-publish", " in the queue"],
  ["amqp-retry", " in retry queues"],
  ["archive-email", " for the next poll"],
]);

/** Where the time of the critical path went, the largest share first. */
export function timeSpent({ rows, criticalPath }: Waterfall): readonly TimeShare[] {
  const shares = new Map<string, TimeShare>();
  const add = (us: number, service: string, what: string, isWait = false) => {
    if (us <= 0) return;
    const key = `${service} ${what}`;
    shares.set(key, { us: us + (shares.get(key)?.us ?? 0), service, what, isWait });
  };
  let reachedUs = 0;
  for (const step of criticalPath) {
    add(step.fromUs - reachedUs, "", "nothing recorded");
    reachedUs = step.toUs;
    const { row, wait } = rows[step.index] ?? {};
    const waited = wait && intersection(wait, step);
    const waitedUs = waited === undefined ? 0 : lengthOf(waited);
    add(lengthOf(step) - waitedUs, row?.services[0] ?? "", "works");
    add(waitedUs, wait?.place ?? "", `waits${WAITS.get(row?.name ?? "") ?? ""}`, true);
  }
  return [...shares.values()].sort((a, b) => b.us - a.us);
}

/** The label of a bar's wait; a queue's is recognized by its colour. */
export function describeWait({ row, wait }: WaterfallRow): string | undefined {
  if (wait === undefined) return undefined;
  const reason = row.name === "archive-email" ? WAITS.get(row.name) : "";
  return `waits ${formatRound(lengthOf(wait))}${reason}`;
}
