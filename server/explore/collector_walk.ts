import type { TraceFacts } from "./trace_facts.ts";

/** An interval of time in which traces start, both ends included; milliseconds since 1970. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

type Found = readonly Pick<TraceFacts, "startUs" | "latestUs">[];

/**
 * From when on an answer has all traces of a window. Zipkin puts the traces with the latest span first, by the millisecond, and no
 * trace starts after its latest span. If the window has more traces than the answer, the answer has all of those that start in a
 * later millisecond than the earliest of its traces' latest spans.
 */
export function knownFromUs({ fromMs }: TimeWindow, limit: number, found: Found): number {
  if (found.length < limit) return fromMs * 1_000;
  const latestMs = Math.min(...found.map(({ latestUs }) => Math.floor(latestUs / 1_000)));
  return (latestMs + 1) * 1_000 - 1;
}

/**
 * The parts of a window that are still to be read, the latest last: none when the answer has all of its traces, or all that started
 * since a time. It has most older traces with a span since then, not all: Zipkin looks only at the spans within the window.
 *
 * Traces that end after the rest of the window, as retries do, come first in each further answer. If there are many, the rest is
 * split at the moment when a quarter of them have begun.
 */
export function remainderOf(
  window: TimeWindow,
  limit: number,
  found: Found,
  sinceUs: number,
): readonly TimeWindow[] {
  const knownUs = knownFromUs(window, limit, found);
  if (found.length < limit || knownUs < sinceUs) return [];
  const { fromMs } = window;
  const toMs = Math.min(window.toMs, Math.floor(knownUs / 1_000) + 1);
  if (toMs <= fromMs) return [];
  const again = found.map(({ startUs }) => startUs).filter((startUs) => startUs <= knownUs)
    .toSorted((a, b) => a - b);
  if (toMs < window.toMs && again.length <= limit / 2) return [{ fromMs, toMs }];
  // Zipkin cannot search within a millisecond.
  if (toMs - fromMs <= 1) return [];
  const middleMs = Math.ceil((again[again.length >> 2] ?? 0) / 1_000);
  const splitMs = Math.min(Math.max(middleMs, fromMs + 1), toMs - 1);
  return [{ fromMs, toMs: splitMs }, { fromMs: splitMs, toMs }];
}
