import type { ExpectedSpan, ExpectedSpans, ExpectedTrace, SpanPattern } from "./description.ts";
import type { TraceSpan } from "./description.ts";
import { problemsOf, startOf, treeOf } from "./span_tree.ts";

/** One difference between a trace and its description. */
export interface Difference {
  readonly kind: "missing" | "different" | "unexpected";
  readonly text: readonly [name: string, problem: string];
  /** The span in the trace; for a missing one, the span that should be its parent. */
  readonly span?: TraceSpan;
}

/** A trace beside its description. */
export interface DescribedTrace {
  /** Empty if the trace is as described. */
  readonly differences: readonly Difference[];
  /** The description of each described span, whether it differs or not. */
  readonly expectedOf: ReadonlyMap<TraceSpan, ExpectedSpan>;
}

/** Compares a trace, or several ones, with a description; a list is the expected spans alone. */
export function compareTrace(
  spans: readonly TraceSpan[],
  description: ExpectedTrace | ExpectedSpans,
): DescribedTrace {
  const trace = "spans" in description ? description as ExpectedTrace : { spans: description };
  const { absent = [], isInOrder, isWhole, isConnected = isWhole } = trace;
  const tree = treeOf(spans);
  const differences: Difference[] = [];
  const expectedOf = new Map<TraceSpan, ExpectedSpan>();
  const firstOf = new Map<ExpectedSpan, TraceSpan>();
  compareList(trace.spans, isWhole ? tree.roots : tree.spans);
  for (const span of tree.spans) {
    const { name, parentId } = span;
    const expected = expectedOf.get(span);
    const isOrphan = parentId !== undefined && tree.parentsOf(span).length === 0;
    if (isConnected && isOrphan && expected?.parentId === undefined) {
      differ("different", name, `its parent ${parentId} is not here`, span);
    }
    const isListed = absent.map(named).some((one) => problemsOf(one, span, tree).length === 0);
    if (!expected && (isWhole || isListed)) differ("unexpected", name, "unexpected", span);
  }
  return { differences, expectedOf };

  function compareList(entries: ExpectedSpans, candidates: readonly TraceSpan[], at?: TraceSpan) {
    const list = entries.map(named<ExpectedSpan>);
    const slots = slotsOf(list);
    const taken = assign(slots, candidates);
    const free = new Set(candidates).difference(new Set(taken));
    let last: TraceSpan | undefined;
    for (const [index, expected] of slots.entries()) {
      const span = taken[index] ?? [...free].filter(({ name }) => name === expected.name)
        .toSorted((a, b) => problemsIn(expected, a).length - problemsIn(expected, b).length)[0];
      if (span === undefined) {
        differ("missing", labelOf(expected), "missing", at);
        continue;
      }
      free.delete(span);
      const isLate = isInOrder && last !== undefined && startOf(span) < startOf(last);
      claim(expected, span, isLate ? [`it begins before ${last?.name}`] : []);
      if (!isLate) last = span;
    }
    for (const expected of list) {
      const { minCount = 1, maxCount = isWhole ? Math.max(minCount, 1) : Infinity } = expected;
      for (const [index, span] of [...free].filter((span) => fits(expected, span)).entries()) {
        free.delete(span);
        claim(expected, span, index < maxCount - minCount ? [] : [`more than ${maxCount} of it`]);
      }
    }
  }

  function claim(expected: ExpectedSpan, span: TraceSpan, further: readonly string[]) {
    const { sharedTag = "", children } = expected;
    const first = firstOf.get(expected) ?? span;
    firstOf.set(expected, first);
    const shared = { tags: { [sharedTag]: first.tags?.[sharedTag] ?? null } };
    expectedOf.set(span, expected);
    const problems = [...problemsIn(expected, span), ...problemsOf(shared, span, tree), ...further];
    for (const problem of problems) differ("different", labelOf(expected), problem, span);
    if (children) compareList(children, tree.childrenOf(span), span);
  }

  function differ(kind: Difference["kind"], name = "", problem: string, span?: TraceSpan) {
    differences.push({ kind, text: [name, problem], ...span && { span } });
  }

  function problemsIn(expected: ExpectedSpan, span: TraceSpan): readonly string[] {
    return problemsOf({ isFailed: false, ...expected }, span, tree);
  }

  /** Whether a span is as expected, and what is below it. */
  function fits(expected: ExpectedSpan, span: TraceSpan): boolean {
    return problemsIn(expected, span).length === 0 &&
      !assign(slotsOf(expected.children ?? []), tree.childrenOf(span)).includes(undefined);
  }

  /** Spans for as many slots as possible: in order of time, or by Kuhn's algorithm. */
  function assign(slots: readonly ExpectedSpan[], candidates: readonly TraceSpan[]) {
    const taken = slots.map((): TraceSpan | undefined => undefined);
    const fitting = new Map(
      [...new Set(slots)].map((slot) => [slot, candidates.filter((c) => fits(slot, c))]),
    );
    for (const [index, slot] of slots.entries()) take(index, slot, new Set());
    return taken;

    function take(index: number, slot: ExpectedSpan | undefined, tried: Set<TraceSpan>): boolean {
      const possible = slot && fitting.get(slot) || [];
      const sinceUs = Math.max(...taken.map((span) => isInOrder && span ? startOf(span) : 0));
      const span = possible.find((one) => !taken.includes(one) && startOf(one) >= sinceUs) ??
        possible.find((one) => {
          if (isInOrder || tried.has(one)) return false;
          tried.add(one);
          const holder = taken.indexOf(one);
          return take(holder, slots[holder], tried);
        });
      if (span !== undefined) taken[index] = span;
      return span !== undefined;
    }
  }
}

/** The label of an expected span: `emailer (failed)`. */
export function labelOf({ name, isFailed, error }: ExpectedSpan): string {
  return isFailed || error ? `${name} (failed)` : name;
}

function named<Pattern extends SpanPattern>(entry: Pattern | string): Pattern | ExpectedSpan {
  return typeof entry === "string" ? { name: entry } : entry;
}

/** Repeats each expected span by its minimum count. */
function slotsOf(entries: ExpectedSpans): readonly ExpectedSpan[] {
  return entries.map(named<ExpectedSpan>).flatMap((expected) =>
    Array.from({ length: expected.minCount ?? 1 }, () => expected)
  );
}
