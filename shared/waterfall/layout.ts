import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { criticalPathOf, type PathStep } from "./critical_path.ts";
import { errorsToSay } from "./errors.ts";
import { intersection, type Interval, lengthOf, unionOf, without } from "./interval.ts";
import { type Node, toNodes } from "./nodes.ts";
import { toTree, type TreeRow } from "./row_tree.ts";
import { toSpanRows, type Wait } from "./span_row.ts";

/**
 * How the time was spent: the span's own work, the work of a child, a wait (in a queue, for the next poll), or a gap between all
 * spans.
 */
export type SegmentKind = "own" | "child" | "wait" | "idle";

/** A part of a row's bar; its times are from the start of the picture. */
export interface Segment extends Interval {
  readonly kind: SegmentKind;
}

/** A row with its place on the time axis; its times are in microseconds from the start of the picture. */
export interface WaterfallRow extends TreeRow {
  /** Absent when the span has no timestamp. */
  readonly offsetUs?: number;
  /** Absent while the span is unfinished. */
  readonly durationUs?: number;
  /** How long it worked itself, while no child did. */
  readonly ownUs: number;
  /** Its error as it is written at the row: once where it arose, and briefly where it came again. */
  readonly says?: string;
  readonly wait?: Wait;
  /** The bar, in order of time. An idle part lies before the span itself. */
  readonly segments: readonly Segment[];
}

/** A picture of one or several traces on one time axis. */
export interface Waterfall {
  /** Where the time axis starts, in microseconds since the epoch; 0 when no span has a timestamp. */
  readonly startUs: number;
  readonly totalUs: number;
  readonly rows: readonly WaterfallRow[];
  readonly criticalPath: readonly PathStep[];
  /** True when every span is finished and no parent is missing. */
  readonly isComplete: boolean;
}

/** Lays out spans as a waterfall: rows in the order of the tree, the traces in order of time, with the segments of their bars. */
export function layOutWaterfall(spans: readonly ZipkinSpan[]): Waterfall {
  const rows = toSpanRows(spans);
  const startUs = rows[0]?.interval?.fromUs ?? 0;
  const tree = toTree(rows);
  const nodes = toNodes(tree, startUs);
  const says = errorsToSay(tree);
  const intervals = nodes.flatMap(({ interval }) => interval ?? []);
  const totalUs = intervals.reduce((latest, { toUs }) => Math.max(latest, toUs), 0);
  const idle = new Map(
    totalUs === 0
      ? []
      : without({ fromUs: 0, toUs: totalUs }, intervals).map((gap) => [gap.toUs, gap]),
  );
  return {
    startUs,
    totalUs,
    rows: tree.map((place, index): WaterfallRow => {
      const { interval, wait } = nodes[index] ?? {};
      const row = { ...place, says: says[index] };
      if (interval === undefined) return { ...row, ownUs: 0, segments: [] };
      const gap = idle.get(interval.fromUs);
      idle.delete(interval.fromUs); // the first row that starts then shows it
      const segments = segmentsOf(nodes, index);
      return {
        ...row,
        offsetUs: interval.fromUs,
        durationUs: place.row.isFinished ? lengthOf(interval) : undefined,
        ownUs: lengthOf(...segments.filter(({ kind }) => kind === "own")),
        wait,
        segments: gap === undefined ? segments : [{ kind: "idle", ...gap }, ...segments],
      };
    }),
    criticalPath: criticalPathOf(nodes),
    isComplete: tree.every(({ row, isParentMissing }) => row.isFinished && !isParentMissing),
  };
}

/** The bar of a row: while a child works, its parent waits for it. */
function segmentsOf(nodes: readonly Node[], index: number): readonly Segment[] {
  const { work = [], wait, children = [] } = nodes[index] ?? {};
  const busy = unionOf(children.flatMap((child) => nodes[child]?.work ?? []));
  const parts = (kind: SegmentKind, intervals: readonly Interval[]) =>
    intervals.map(({ fromUs, toUs }): Segment => ({ kind, fromUs, toUs }));
  return [
    ...parts("wait", wait === undefined ? [] : [wait]),
    ...work.flatMap((part) => parts("own", without(part, busy))),
    ...work.flatMap((part) =>
      parts("child", busy.flatMap((child) => intersection(part, child) ?? []))
    ),
  ].sort((a, b) => a.fromUs - b.fromUs);
}
