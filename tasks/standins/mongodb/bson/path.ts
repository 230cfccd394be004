import { asDocument, getField } from "./values.ts";

const ARRAY_INDEX = /^(0|[1-9][0-9]*)$/;

/** The position that a path component such as `3` names in an array, or `undefined` when it names a field only. */
export function arrayIndex(component: string): number | undefined {
  return ARRAY_INDEX.test(component) ? Number(component) : undefined;
}

/** A value that a path reached. */
export interface Reached {
  /** `undefined` when the field is missing. */
  readonly value: unknown;
  /** True for one element of an array: a condition then means this element and, if it is an array, not its own ones. */
  readonly isElement: boolean;
}

const MISSING: Reached = { value: undefined, isElement: false };

/**
 * The values that a query path reaches: several where it passes through arrays of documents (MongoDB manual, "Query an
 * Array of Embedded Documents").
 */
export function reach(value: unknown, path: readonly string[]): readonly Reached[] {
  const [component, ...rest] = path;
  if (component === undefined) return [{ value, isElement: false }];
  if (Array.isArray(value)) return reachInto(value, component, path);
  const document = asDocument(value);
  return document === undefined ? [MISSING] : reach(getField(document, component), rest);
}

function reachInto(
  array: readonly unknown[],
  component: string,
  path: readonly string[],
): readonly Reached[] {
  const fromFields = array.filter((element) => asDocument(element) !== undefined)
    .flatMap((element) => reach(element, path));
  const index = arrayIndex(component);
  if (index === undefined) return fromFields;
  if (index >= array.length) return fromFields.length === 0 ? [MISSING] : fromFields;
  const fromIndex = path.length === 1
    ? [{ value: array[index], isElement: true }]
    : reach(array[index], path.slice(1));
  return [...fromIndex, ...fromFields];
}

/** What an index sees at a path: as {@linkcode reach}, with arrays replaced by their elements. */
export function elementsAt(document: unknown, path: readonly string[]): readonly unknown[] {
  const elements = reach(document, path).flatMap(({ value }) => value);
  return elements.length === 0 ? [undefined] : elements;
}
