import type { Interval } from "./interval.ts";
import type { Node } from "./nodes.ts";

/** A part of the critical path: had it been shorter, all would have been over earlier. */
export interface PathStep extends Interval {
  /** Which row, from 0. */
  readonly index: number;
}

/**
 * What determined how long it took, from the start to the end that people wait for: the archiving of the email, else whatever ends
 * last. It is followed backwards. While a child works, its parent waits for it; when a span begins, its parent was at work, or had
 * left it something to do, such as a message in a queue. Before a root, whatever ended last is the best guess.
 *
 * The steps are in order of time and do not overlap. Between two of them nothing may have been recorded.
 */
export function criticalPathOf(nodes: readonly Node[]): readonly PathStep[] {
  const parents = new Map(
    nodes.flatMap(({ children }, index) => children.map((child) => [child, index] as const)),
  );
  const childWork = nodes.map(({ children }) =>
    byEnd(
      children.flatMap((child) =>
        nodes[child]?.work.map((part) => ({ ...part, index: child })) ?? []
      ),
    )
  );
  const spans = byEnd(
    nodes.flatMap(({ interval }, index) => interval ? [{ ...interval, index }] : []),
  );
  const steps: PathStep[] = [];
  // No ids lead in a circle: a row is entered once, and left once.
  const entered = new Set<number>();
  const done = new Set<number>();
  const goal = spans.findLast(({ index }) => nodes[index]?.isGoal) ?? spans.at(-1);
  let untilUs = goal?.toUs ?? 0;
  let index = goal?.index;
  while (index !== undefined) {
    entered.add(index);
    const startUs = nodes[index]?.interval?.fromUs ?? untilUs;
    const child = lastBefore(untilUs, childWork[index] ?? []);
    const fromUs = Math.max(startUs, child?.toUs ?? startUs);
    if (fromUs < untilUs) steps.push({ index, fromUs, toUs: untilUs });
    untilUs = Math.min(fromUs, untilUs);
    if (child !== undefined && child.toUs > startUs && !entered.has(child.index)) {
      index = child.index;
      continue;
    }
    done.add(index);
    while (done.has(spans.at(-1)?.index ?? -1) || (spans.at(-1)?.toUs ?? 0) > untilUs) spans.pop();
    const parent = parents.get(index) ?? spans.at(-1)?.index;
    index = done.has(parent ?? -1) ? undefined : parent;
    untilUs = Math.min(untilUs, nodes[index ?? -1]?.interval?.toUs ?? untilUs);
  }
  return steps.reverse();
}

function byEnd(steps: readonly PathStep[]): PathStep[] {
  return steps.toSorted((a, b) => a.toUs - b.toUs);
}

/** The last that was under way before a moment. Later ones are forgotten: the next moment is an earlier one. */
function lastBefore(us: number, parts: PathStep[]): PathStep | undefined {
  while ((parts.at(-1)?.fromUs ?? -Infinity) >= us) parts.pop();
  return parts.at(-1);
}
