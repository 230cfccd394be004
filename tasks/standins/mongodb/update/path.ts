import { arrayIndex } from "../bson/path.ts";
import { asDocument, type BsonDocument, getField, setField } from "../bson/values.ts";
import { CommandError } from "../errors.ts";

/** MongoDB's limit on the nulls that a write beyond an array's end adds. */
const MAX_ARRAY_PADDING = 1_500_000;

/** What an operator leaves of a field: its new value, or nothing. */
export const REMOVED: unique symbol = Symbol("removed");

/** Reads a field by the exact path of an update, in which arrays are entered by position only. */
export function readPath(document: BsonDocument, path: readonly string[]): unknown {
  return path.reduce<unknown>(child, document);
}

function child(value: unknown, component: string): unknown {
  if (Array.isArray(value)) {
    const index = arrayIndex(component);
    return index === undefined ? undefined : value[index];
  }
  const document = asDocument(value);
  return document === undefined ? undefined : getField(document, component);
}

/**
 * Writes a field, with the documents on the way to it that are missing.
 *
 * @throws {CommandError} 28 when the path leads through something that is neither a document nor an array.
 */
export function writePath(document: BsonDocument, path: readonly string[], value: unknown): void {
  let parent: unknown = document;
  for (const [depth, component] of path.entries()) {
    const isLast = depth === path.length - 1;
    const next = isLast ? value : child(parent, component) ?? missingParent(parent, component);
    if (isLast || child(parent, component) === undefined) {
      assign(parent, component, next, path.slice(0, depth));
    }
    parent = next;
  }
}

/** A missing parent is made; null is there, and in the way. */
function missingParent(parent: unknown, component: string): unknown {
  return child(parent, component) === null ? null : {};
}

function assign(
  parent: unknown,
  component: string,
  value: unknown,
  parentPath: readonly string[],
): void {
  if (Array.isArray(parent)) {
    const index = arrayIndex(component);
    if (index !== undefined) {
      if (index - parent.length > MAX_ARRAY_PADDING) {
        throw new CommandError(2, `can't backfill more than ${MAX_ARRAY_PADDING} elements`);
      }
      while (parent.length < index) parent.push(null);
      parent[index] = value;
      return;
    }
  } else {
    const document = asDocument(parent);
    if (document !== undefined) {
      setField(document, component, value);
      return;
    }
  }
  throw new CommandError(
    28,
    `Cannot create field '${component}' in element {${
      parentPath.at(-1) ?? ""
    }}: it is neither a document nor, for a position, an array`,
  );
}

/** Removes a field; an array's element becomes null, as in MongoDB. */
export function removePath(document: BsonDocument, path: readonly string[]): void {
  const last = path.at(-1);
  if (last === undefined) return;
  const parent = readPath(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = arrayIndex(last);
    if (index !== undefined && index < parent.length) parent[index] = null;
    return;
  }
  const parentDocument = asDocument(parent);
  if (parentDocument !== undefined) delete parentDocument[last];
}
