import { type Fields, TYPE, type Value } from "./bson.ts";
import { CommandError } from "./errors.ts";
import { spend } from "./work.ts";

/** The components of a dotted path. */
export type Path = readonly string[];

const ARRAY_INDEX = /^(0|[1-9][0-9]*)$/;

/** The position that a path component such as `3` names in an array, or `undefined` when it names a field only. */
export function arrayIndex(component: string): number | undefined {
  return ARRAY_INDEX.test(component) ? Number(component) : undefined;
}

/** Splits the path of a sort or a projection. */
export function checkedPath(path: string): Path {
  spend();
  const components = path.split(".");
  const wrong = components.find((component) => component === "" || component.startsWith("$"));
  if (wrong === undefined) return components;
  throw new CommandError(16410, `Field names may not be empty or start with '$': ${path}`);
}

/** By component: positions as numbers, names as text. */
function comparePaths(left: Path, right: Path): number {
  spend();
  for (const [depth, component] of left.entries()) {
    const other = right[depth];
    if (other === undefined) return 1;
    if (component === other) continue;
    const [index, otherIndex] = [arrayIndex(component), arrayIndex(other)];
    if (index !== undefined && otherIndex !== undefined) return index - otherIndex;
    return component < other ? -1 : 1;
  }
  return left.length - right.length;
}

/** Sorts by path, so that a path through another follows it directly, and returns the first one. */
export function sortPaths(list: { readonly path: Path }[]): string | undefined {
  list.sort((left, right) => comparePaths(left.path, right.path));
  return list.find(({ path }, index) =>
    list[index - 1]?.path.every((component, depth) => component === path[depth])
  )?.path.join(".");
}

/** A value at a path; `undefined` when the field is missing. */
export interface Reached {
  readonly value: Value | undefined;
  /** A condition on an array also means each of its elements, except where the path named the array by its own position. */
  readonly elements: readonly Value[];
}

/** The values at a path: several in arrays of documents (MongoDB manual, "Query an Array of Embedded Documents"). */
export function reach(document: Fields, [first = "", ...rest]: Path): Reached[] {
  return reachBelow(document.get(first), rest);
}

function reachBelow(value: Value | undefined, path: Path, depth = 0): Reached[] {
  const component = path[depth];
  const { fields, elements } = value ?? {};
  if (component === undefined) return [{ value, elements: elements ?? [] }];
  if (fields !== undefined) return reachBelow(fields.get(component), path, depth + 1);
  if (elements === undefined) return [{ value: undefined, elements: [] }];
  const reached = elements
    .filter(({ type }) => type === TYPE.object)
    .flatMap((element) => reachBelow(element, path, depth));
  const named = elements[arrayIndex(component) ?? elements.length];
  if (named === undefined) return reached;
  const isLast = depth === path.length - 1;
  const byPosition = isLast ? [{ value: named, elements: [] }] : reachBelow(named, path, depth + 1);
  return [...byPosition, ...reached];
}
