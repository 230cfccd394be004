import { type Fields, TYPE, type Value } from "./bson.ts";
import { CommandError } from "./errors.ts";
import { spend } from "./work.ts";

const ARRAY_INDEX = /^(0|[1-9][0-9]*)$/;

/** The position that a path component such as `3` names in an array, or `undefined` when it names a field only. */
export function arrayIndex(component: string): number | undefined {
  return ARRAY_INDEX.test(component) ? Number(component) : undefined;
}

/** Splits the path of a sort or a projection. */
export function checkedPath(path: string): readonly string[] {
  spend();
  const components = path.split(".");
  if (components.includes("")) {
    throw new CommandError(15998, "FieldPath field names may not be empty strings.");
  }
  const operator = components.find((component) => component.startsWith("$"));
  if (operator === undefined) return components;
  throw new CommandError(16410, `FieldPath field names may not start with '$': '${operator}'.`);
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
export function reach(document: Fields, [first = "", ...rest]: readonly string[]): Reached[] {
  return reachBelow(document.get(first), rest);
}

function reachBelow(value: Value | undefined, path: readonly string[], depth = 0): Reached[] {
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
  return [...byPosition.map((each) => ({ ...each, isByPosition: true })), ...reached];
}
