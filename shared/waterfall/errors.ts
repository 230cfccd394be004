import type { TreeRow } from "./row_tree.ts";

/**
 * The error text of each row, so that each error is shown once: in full at the span where it arose, "451 again" at a later one,
 * nothing at the parents that pass it on.
 */
export function errorsToSay(tree: readonly TreeRow[]): readonly (string | undefined)[] {
  const passedOn = new Set<number>();
  for (const { row: { error }, parentIndex } of tree) {
    if (error === undefined) continue;
    for (let above = parentIndex; above !== undefined && !passedOn.has(above);) {
      const ancestor = tree[above];
      if (isSameError(ancestor?.row.error, error)) passedOn.add(above);
      above = ancestor?.parentIndex;
    }
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

/** Whether one error passes the other on, perhaps with added words. */
function isSameError(one: string | undefined, other: string): boolean {
  return one !== undefined && (one.includes(other) || other.includes(one));
}
