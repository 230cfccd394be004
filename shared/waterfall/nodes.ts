import { attribute } from "../tracing/attributes.ts";
import { originKey, spanKey } from "../tracing/zipkin_span.ts";
import { type Interval, without } from "./interval.ts";
import type { TreeRow } from "./row_tree.ts";
import { compareByStart, type SpanRow, type Wait } from "./span_row.ts";

/** A row's work and waits; times are from the start of the picture. */
export interface Node {
  readonly interval: Interval | undefined;
  readonly wait: Wait | undefined;
  /** Its time without the wait: it works itself, or a child does. */
  readonly work: readonly Interval[];
  /** The indices of its effects: its children, and the roots of other traces that continue it or ended its wait. */
  readonly children: readonly number[];
  /** Whether its end is what people wait for, however long others go on. */
  readonly isGoal: boolean;
}

/**
 * The spans that are waits by definition (shared/tracing/spans.md), and where they wait: `archive-email` starts when the email is
 * in the inbox; work begins only at the next poll, at its end.
 */
const SPANS_THAT_WAIT: ReadonlyMap<string, string> = new Map([["archive-email", "mailtrap"]]);

export function toNodes(tree: readonly TreeRow[], startUs: number): readonly Node[] {
  const children = Map.groupBy(tree.keys(), (index) => tree[index]?.parentIndex);
  const indices = new Map(tree.map(({ row }, index) => [row, index]));
  const continuations = Map.groupBy(
    children.get(undefined) ?? [],
    (index) => originKey(tree[index]?.row ?? {}),
  );
  const byStart = tree.map(({ row }) => row).toSorted(compareByStart);
  return tree.map(({ row }, index): Node => {
    const { wait, awaited } = waitOf(row, byStart);
    // A span has one cause: only a root has none yet. A poll that is under way finds the email, too.
    const awaitedRoot = rootOf(tree, awaited && indices.get(awaited));
    const isCaused = awaitedRoot !== undefined && awaitedRoot !== rootOf(tree, index);
    return {
      interval: row.interval && fromStart(row.interval, startUs),
      wait: wait && { ...fromStart(wait, startUs), place: wait.place },
      work: row.interval === undefined
        ? []
        : without(row.interval, wait ? [wait] : []).map((part) => fromStart(part, startUs)),
      children: [
        ...children.get(index) ?? [],
        ...continuations.get(spanKey(row)) ?? [],
        ...isCaused ? [awaitedRoot] : [],
      ],
      isGoal: SPANS_THAT_WAIT.has(row.name) && row.error === undefined,
    };
  });
}

function rootOf(tree: readonly TreeRow[], index: number | undefined): number | undefined {
  let root = index;
  while (tree[root ?? -1]?.parentIndex !== undefined) root = tree[root ?? -1]?.parentIndex;
  return root;
}

function fromStart({ fromUs, toUs }: Interval, startUs: number): Interval {
  return { fromUs: fromUs - startUs, toUs: toUs - startUs };
}

/** The part of a row that is a wait: in a queue, or until its own service starts work within it. */
function waitOf(
  row: SpanRow,
  byStart: readonly SpanRow[],
): { readonly wait?: Wait; readonly awaited?: SpanRow | undefined } {
  const { interval, wait, name, services, tags } = row;
  const place = SPANS_THAT_WAIT.get(name);
  if (wait !== undefined) return { wait };
  if (interval === undefined || place === undefined) return {};
  const { fromUs, toUs } = interval;
  // An earlier poll may have failed; the tag names the one that ended the wait.
  const pollTraceId = tags[attribute.pollTraceId];
  const awaited = byStart.find((other) =>
    other !== row && other.services[0] === services[0] &&
    (pollTraceId === undefined || other.traceId === pollTraceId) &&
    other.interval !== undefined && other.interval.fromUs >= fromUs &&
    other.interval.fromUs < toUs
  );
  return { wait: { fromUs, toUs: awaited?.interval?.fromUs ?? toUs, place }, awaited };
}
