import { elementsOf, fieldsOf, listOf, TYPE, type Value } from "./value.ts";

const ARRAY_INDEX = /^(0|[1-9][0-9]*)$/;

/** The position that a path component such as `3` names in an array, or `undefined` when it names a field only. */
export function arrayIndex(component: string): number | undefined {
  return ARRAY_INDEX.test(component) ? Number(component) : undefined;
}

/** A value that a path reached; `undefined` when the field is missing. */
export interface Reached {
  readonly value: Value | undefined;
  /** A condition on an array also means each of its elements, except where the path named the array by its own position. */
  readonly elements: readonly Value[];
  /** The path named an element of an array. */
  readonly isByPosition?: boolean;
}

/**
 * The values that a query path reaches: several where it passes through arrays of documents (MongoDB manual, "Query an Array of
 * Embedded Documents").
 */
export function reach(value: Value | undefined, path: readonly string[], depth = 0): Reached[] {
  const component = path[depth];
  if (component === undefined) {
    return [{ value, elements: listOf(value) ?? [] }];
  }
  if (value?.type === TYPE.object) {
    return reach(fieldsOf(value.bytes).get(component), path, depth + 1);
  }
  if (value?.type !== TYPE.array) return [{ value: undefined, elements: [] }];
  const elements = elementsOf(value.bytes);
  const reached = elements
    .filter(({ type }) => type === TYPE.object)
    .flatMap((element) => reach(element, path, depth));
  const named = elements[arrayIndex(component) ?? elements.length];
  if (named === undefined) return reached;
  const isLast = depth === path.length - 1;
  const byPosition = isLast ? [{ value: named, elements: [] }] : reach(named, path, depth + 1);
  return [...byPosition.map((each) => ({ ...each, isByPosition: true })), ...reached];
}
