import { type FaultRecord, isOutage } from "./faults.ts";

/** A span waits half a second for others, then it is sent; the rest is for a busy machine. */
const ON_ITS_WAY_MS = 2_500;
/** How long a healthy broker takes to confirm, on a busy machine. */
const CONFIRM_MS = 500;
/** The longest wait for the next try after an outage of the collector. */
const RETRY_INTERVAL_MS = 5_000;

/** Whether a span can have been lost with its process: killed before it was sent, or stopped while there was no collector. */
export function explainLostSpan(
  reporter: string,
  [fromMs, toMs]: readonly [from: number, to: number],
  faults: readonly FaultRecord[],
): boolean {
  const outages = faults.filter((fault) => isOutage(fault, "services to collector"))
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + RETRY_INTERVAL_MS }));
  // While the collector is away, spans wait in the process, and for some time after.
  const delays = outages.filter((outage) =>
    outage.fromMs <= toMs + ON_ITS_WAY_MS && toMs <= outage.toMs
  );
  const sentByMs = Math.max(toMs, ...delays.map((outage) => outage.toMs)) + ON_ITS_WAY_MS;
  return faults.some(({ kind, target, fromMs: endedAtMs, toMs: backAtMs }) => {
    if (!target.startsWith(reporter) || endedAtMs > sentByMs) return false;
    if (kind === "kill") return endedAtMs >= fromMs;
    return kind === "stop" && backAtMs >= fromMs &&
      outages.some((outage) => outage.fromMs <= backAtMs && endedAtMs <= outage.toMs);
  });
}

/**
 * When an emailer can have finished a message: not before it published, and not before the broker's confirm, which waits while
 * the broker is unreachable.
 */
export function untilConfirmed(
  publishedAtMs: number,
  faults: readonly FaultRecord[],
): readonly [from: number, to: number] {
  const outages = faults.filter((fault) =>
    isOutage(fault, "emailer to broker") && fault.fromMs <= publishedAtMs + CONFIRM_MS &&
    publishedAtMs <= fault.toMs
  );
  return [publishedAtMs, Math.max(publishedAtMs + CONFIRM_MS, ...outages.map(({ toMs }) => toMs))];
}
