import { parentKey, spanKey } from "../tracing/zipkin_span.ts";
import { compareByStart, type SpanRow } from "./span_row.ts";

/** A row in its place in the tree. */
export interface TreeRow {
  readonly row: SpanRow;
  /** 0 for a root. */
  readonly depth: number;
  /** Which row of the tree it is below, from 0; absent for a root. */
  readonly parentIndex?: number;
  /** The lines before the row's label, such as `│  ├─ `; empty for a root. */
  readonly branch: string;
  /** The lines before a further line of text about the row. */
  readonly continuation: string;
  /** True when the span names a parent that is not among the spans (yet). */
  readonly isParentMissing: boolean;
}

interface Visit {
  readonly row: SpanRow;
  readonly depth: number;
  readonly parentIndex?: number;
  readonly guides: string;
  readonly isLast: boolean;
}

/**
 * Orders rows as a tree: each parent before its children, siblings by start.
 *
 * Every row appears exactly once, whatever the parent ids say: a row whose parent is missing is a root, and so is the
 * earliest row of a cycle.
 */
export function toTree(rows: readonly SpanRow[]): readonly TreeRow[] {
  const known: ReadonlySet<string | undefined> = new Set(rows.map(spanKey));
  const childrenOf = Map.groupBy(rows.filter((row) => known.has(parentKey(row))), parentKey);
  const roots = rows.filter((row) => !known.has(parentKey(row)));
  const placed = new Set<string>();
  const tree: TreeRow[] = [];
  for (const root of roots) place(root);
  for (const row of rows) if (!placed.has(spanKey(row))) place(row);
  return tree;

  /** With an explicit stack: a chain of spans may be deeper than the engine's stack. */
  function place(root: SpanRow): void {
    const stack: Visit[] = [{ row: root, depth: 0, guides: "", isLast: true }];
    placed.add(spanKey(root));
    for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
      const { row, depth, parentIndex, guides, isLast } = visit;
      const children = (childrenOf.get(spanKey(row)) ?? [])
        .filter((child) => !placed.has(spanKey(child)))
        .toSorted(compareByStart);
      const below = depth === 0 ? "" : shorten(guides + (isLast ? "   " : "│  "));
      const index = tree.push({
        row,
        depth,
        parentIndex,
        branch: depth === 0 ? "" : guides + (isLast ? "└─ " : "├─ "),
        continuation: below + (children.length > 0 ? "│  " : "   "),
        isParentMissing: row.parentId !== undefined && !known.has(parentKey(row)),
      }) - 1;
      for (const child of children.toReversed()) {
        placed.add(spanKey(child));
        const isLast = child === children.at(-1);
        stack.push({ row: child, depth: depth + 1, parentIndex: index, guides: below, isLast });
      }
    }
  }
}

/** The lines to the left are cut to this many characters, so that a chain of 10,000 spans stays printable. */
const MAX_GUIDES_LENGTH = 60;

function shorten(guides: string): string {
  return guides.length > MAX_GUIDES_LENGTH ? guides.slice(-MAX_GUIDES_LENGTH) : guides;
}
