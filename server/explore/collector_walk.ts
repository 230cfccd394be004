import type { TraceFacts } from "./trace_facts.ts";

/** A stretch of time in which traces start, both ends included; milliseconds since 1970. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

type Found = readonly Pick<TraceFacts, "startUs" | "latestUs">[];

/**
 * What an answer proves: Zipkin puts the traces with the latest span first, by the millisecond, and a trace does not start after
 * its latest span. So of a window that had more traces than the answer, those that start in a later millisecond than the
 * answer's earliest latest span are all known.
 */
export function knownFromUs({ fromMs }: TimeWindow, limit: number, found: Found): number {
  if (found.length < limit) return fromMs * 1_000;
  const latestMs = Math.min(...found.map(({ latestUs }) => Math.floor(latestUs / 1_000)));
  return (latestMs + 1) * 1_000 - 1;
}

/**
 * The windows that are left to read of one, the latest last: none when the answer held all of its traces, or all that started
 * since a time. Most older ones with a span since then come along, but not all: Zipkin looks only at the spans within the window.
 *
 * If many of the traces lasted beyond what is left, as retries do, they would come first again and again. Then it is split where
 * a quarter of them had begun.
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
  // Within a millisecond nothing can be told apart.
  if (toMs - fromMs <= 1) return [];
  const middleMs = Math.ceil((again[again.length >> 2] ?? 0) / 1_000);
  const splitMs = Math.min(Math.max(middleMs, fromMs + 1), toMs - 1);
  return [{ fromMs, toMs: splitMs }, { fromMs: splitMs, toMs }];
}
