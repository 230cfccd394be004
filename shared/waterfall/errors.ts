import type { TreeRow } from "./row_tree.ts";

/**
 * What to write at each row about its error, so that each is read once: in full at the span where it arose, "451 again" at a later
 * one with the same, nothing at the parents that pass it on.
 */
export function errorsToSay(tree: readonly TreeRow[]): readonly (string | undefined)[] {
  const passedOn = new Set<number>();
  const path: number[] = [];
  for (const [index, { depth, row }] of tree.entries()) {
    path.length = depth;
    for (const ancestor of path.toReversed()) {
      if (passedOn.has(ancestor)) break;
      if (isSameError(tree[ancestor]?.row.error, row.error)) passedOn.add(ancestor);
    }
    path.push(index);
  }
  const said = new Set<string>();
  return tree.map(({ row: { error } }, index) => {
    if (error === undefined || passedOn.has(index)) return undefined;
    if (!said.has(error)) {
      said.add(error);
      return error;
    }
    return `${/^\d{3}\b/.exec(error)?.[0] ?? "the same"} again`;
  });
}

/** Whether one error passes the other on, perhaps with some words of its own. */
function isSameError(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && (one.includes(other) || other.includes(one));
}
