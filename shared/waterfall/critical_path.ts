import { type Interval, without } from "./interval.ts";
import type { Node } from "./nodes.ts";

/** A part of the critical path: had it been shorter, all would have been over earlier. */
export interface PathStep extends Interval {
  /** Which row, from 0. */
  readonly index: number;
}

/**
 * What determined the duration, from the start to the end that people wait for: the archiving of the email, else the last end. It
 * is followed backwards. While a child works, its parent waits for it; before a span begins, its parent worked, or had left it
 * something to do, such as a message in a queue. Before a root, whatever ended last is the best guess.
 *
 * The steps are in order of time and do not overlap. There may be gaps between them.
 */
export function criticalPathOf(nodes: readonly Node[]): readonly PathStep[] {
  const parents = new Map(
    nodes.flatMap(({ children }, index) => children.map((child) => [child, index] as const)),
  );
  // A poll that was under way when its email came in matters only from the end of the email's wait on.
  const childWork = nodes.map(({ children, wait }) =>
    byEnd(
      children.flatMap((child) =>
        (nodes[child]?.work ?? [])
          .flatMap((part) => without(part, wait ? [{ fromUs: 0, toUs: wait.toUs }] : []))
          .map((part) => ({ ...part, index: child }))
      ),
    )
  );
  const spans = byEnd(
    nodes.flatMap(({ interval }, index) => interval ? [{ ...interval, index }] : []),
  );
  const steps: PathStep[] = [];
  const waitEnds = new Map<number, number>();
  // Circular ids are safe: a row is entered once, and left once.
  const entered = new Set<number>();
  const done = new Set<number>();
  const goal = spans.findLast(({ index }) => nodes[index]?.isGoal) ?? spans.at(-1);
  let untilUs = goal?.toUs ?? 0;
  let index = goal?.index;
  while (index !== undefined) {
    entered.add(index);
    const { interval, wait } = nodes[index] ?? {};
    const startUs = Math.max(interval?.fromUs ?? untilUs, waitEnds.get(index) ?? 0);
    const child = lastBefore(untilUs, childWork[index] ?? []);
    const fromUs = Math.max(startUs, child?.toUs ?? startUs);
    if (fromUs < untilUs) steps.push({ index, fromUs, toUs: untilUs });
    untilUs = Math.min(fromUs, untilUs);
    if (child !== undefined && child.toUs > startUs && !entered.has(child.index)) {
      waitEnds.set(child.index, wait?.toUs ?? waitEnds.get(index) ?? 0);
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

/** The last one that was active before a moment. Later ones are dropped, since moments only go backwards. */
function lastBefore(us: number, parts: PathStep[]): PathStep | undefined {
  while ((parts.at(-1)?.fromUs ?? -Infinity) >= us) parts.pop();
  return parts.at(-1);
}
