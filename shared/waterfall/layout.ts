import { attribute } from "../tracing/attributes.ts";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { toTree, type TreeRow } from "./row_tree.ts";
import { gapsBetween, type Interval } from "./interval.ts";
import { type SpanRow, toSpanRows } from "./span_row.ts";

/** What the time was spent on: work, a wait (in a queue, for the next poll), or a gap between all spans. */
export type SegmentKind = "work" | "wait" | "idle";

/** A part of a row's bar. */
export interface Segment {
  /** What the time was spent on. */
  readonly kind: SegmentKind;
  /** Microseconds from the start of the picture. */
  readonly fromUs: number;
  /** Microseconds from the start of the picture. */
  readonly toUs: number;
}

/** A row with its place on the time axis. */
export interface WaterfallRow extends TreeRow {
  /** Microseconds from the start of the picture; absent when the span has no timestamp. */
  readonly offsetUs?: number;
  /** Microseconds; absent while the span is unfinished. */
  readonly durationUs?: number;
  /** The bar, in order of time. An idle part lies before the span itself. */
  readonly segments: readonly Segment[];
}

/** A picture of one or several traces on one time axis. */
export interface Waterfall {
  /** Where the time axis starts, in microseconds since the epoch; 0 when no span has a timestamp. */
  readonly startUs: number;
  /** How long the time axis is. */
  readonly totalUs: number;
  /** The rows, from top to bottom. */
  readonly rows: readonly WaterfallRow[];
  /** True when every span is finished and no parent is missing. */
  readonly isComplete: boolean;
}

/**
 * The spans that are a wait by definition (shared/tracing/spans.md): `archive-email` starts when the email is in the inbox;
 * work begins only at the next poll, at its end.
 */
const SPANS_THAT_WAIT: ReadonlySet<string> = new Set(["archive-email"]);

/** Lays out spans as a waterfall: rows in the order of the tree, the traces in order of time, with the segments of their bars. */
export function layOutWaterfall(spans: readonly ZipkinSpan[]): Waterfall {
  const rows = toSpanRows(spans);
  const intervals = rows.map(({ interval }) => interval).filter((interval) =>
    interval !== undefined
  );
  const startUs = intervals[0]?.fromUs ?? 0;
  const endUs = intervals.reduce((latest, { toUs }) => Math.max(latest, toUs), startUs);
  const idle = new Map(gapsBetween(intervals).map(({ fromUs, toUs }) => [toUs, fromUs]));
  const waterfallRows = toTree(rows).map((tree): WaterfallRow => {
    const { row } = tree;
    const { interval } = row;
    if (interval === undefined) return { ...tree, segments: [] };
    const idleFromUs = idle.get(interval.fromUs);
    idle.delete(interval.fromUs); // the first row that starts then shows it
    const parts = segmentsOf(interval, waitOf(row, rows));
    const segments: readonly Segment[] = idleFromUs === undefined
      ? parts
      : [{ kind: "idle", fromUs: idleFromUs, toUs: interval.fromUs }, ...parts];
    return {
      ...tree,
      offsetUs: interval.fromUs - startUs,
      ...(row.isFinished ? { durationUs: interval.toUs - interval.fromUs } : {}),
      segments: segments.map(({ kind, fromUs, toUs }) => ({
        kind,
        fromUs: fromUs - startUs,
        toUs: toUs - startUs,
      })),
    };
  });
  return {
    startUs,
    totalUs: endUs - startUs,
    rows: waterfallRows,
    isComplete: waterfallRows.every(({ row, isParentMissing }) =>
      row.isFinished && !isParentMissing
    ),
  };
}

/** The part of a row that is a wait: in a queue, or until its own service starts something within it. */
function waitOf(row: SpanRow, rows: readonly SpanRow[]): Interval | undefined {
  const { interval } = row;
  if (row.wait !== undefined || interval === undefined) return row.wait;
  if (!SPANS_THAT_WAIT.has(row.name)) return undefined;
  // An earlier poll may have failed; the tag names the one that ended the wait.
  const pollTraceId = row.tags[attribute.pollTraceId];
  const workFromUs = rows
    .filter((other) => other !== row && other.services[0] === row.services[0])
    .filter(({ traceId }) => pollTraceId === undefined || traceId === pollTraceId)
    .map((other) => other.interval?.fromUs ?? -1)
    .find((fromUs) => fromUs >= interval.fromUs && fromUs < interval.toUs);
  return { fromUs: interval.fromUs, toUs: workFromUs ?? interval.toUs };
}

function segmentsOf(interval: Interval, wait: Interval | undefined): readonly Segment[] {
  if (wait === undefined) return [{ kind: "work", ...interval }];
  const before: Segment = { kind: "work", fromUs: interval.fromUs, toUs: wait.fromUs };
  const after: Segment = { kind: "work", fromUs: wait.toUs, toUs: interval.toUs };
  return [before, { kind: "wait" as const, ...wait }, after]
    .filter(({ fromUs, toUs }) => fromUs < toUs);
}
