import type { FaultRecord } from "./fault_log.ts";
import type { Fault } from "./faults.ts";

/** A span waits half a second for others, then it is sent; the rest is for a machine that is busy. */
const ON_ITS_WAY_MS = 2_500;
/** How long the broker takes to confirm where nothing is wrong, on a machine that is busy. */
const CONFIRM_MS = 500;
/** After an outage of the collector the next try comes so late at most. */
const RETRY_INTERVAL_MS = 5_000;

/** Tells whether a span can have died with its process: killed before it was sent, or stopped while there was no collector. */
export function explainLostSpan(
  witness: string,
  [fromMs, toMs]: readonly [from: number, to: number],
  faults: readonly FaultRecord[],
): boolean {
  const kills = faults.filter(({ fault }) =>
    fault.kind === "kill" && fault.target.startsWith(witness)
  );
  const outages = faults.filter(({ fault }) => isOutageOfCollector(fault));
  const stops = faults.filter(({ fault }) =>
    fault.kind === "stop" && fault.target.startsWith(witness)
  );
  const isUnsentAtStop = stops.some((stop) =>
    stop.toMs >= fromMs &&
    outages.some((outage) =>
      outage.fromMs <= stop.toMs && stop.fromMs <= outage.toMs + RETRY_INTERVAL_MS
    )
  );
  return isUnsentAtStop || kills.some(({ fromMs: killedAtMs }) => {
    if (killedAtMs < fromMs) return false;
    if (killedAtMs <= toMs + ON_ITS_WAY_MS) return true;
    // While the collector was away, spans waited in the process, and for some time after.
    return outages.some((outage) =>
      outage.fromMs <= toMs + ON_ITS_WAY_MS && toMs <= outage.toMs + RETRY_INTERVAL_MS &&
      killedAtMs <= outage.toMs + RETRY_INTERVAL_MS + ON_ITS_WAY_MS
    );
  });
}

/**
 * Tells when an emailer can have ended what it did with a message: not before it published, and not before the broker's confirm,
 * which has to wait while the way to the broker is troubled.
 */
export function untilConfirmed(
  publishedAtMs: number,
  faults: readonly FaultRecord[],
): readonly [from: number, to: number] {
  const troubles = faults.filter(({ fault, fromMs, toMs }) =>
    isOutageOfBroker(fault) && fromMs <= publishedAtMs + CONFIRM_MS && publishedAtMs <= toMs
  );
  return [publishedAtMs, Math.max(publishedAtMs + CONFIRM_MS, ...troubles.map(({ toMs }) => toMs))];
}

function isOutageOfBroker(fault: Fault): boolean {
  switch (fault.kind) {
    case "restart":
      return fault.component === "broker";
    case "cut":
    case "refuse":
    case "freeze":
    case "delay":
      return fault.way === "emailer to broker";
    default:
      return false;
  }
}

function isOutageOfCollector(fault: Fault): boolean {
  switch (fault.kind) {
    case "restart":
      return fault.component === "collector";
    case "cut":
    case "refuse":
    case "freeze":
    case "delay":
      return fault.way === "services to collector";
    default:
      return false;
  }
}
