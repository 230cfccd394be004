import { equalityKey } from "../bson/equality_key.ts";
import { elementsAt } from "../bson/path.ts";
import type { BsonDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import type { IndexSpecification } from "./index_specification.ts";

/** A key of a document in an index. */
export interface IndexKey {
  /** One value per indexed path. */
  readonly values: readonly unknown[];
  /** Equal for equal values. */
  readonly bytes: Uint8Array;
}

/**
 * The keys of a document in an index: one, or one per element where an indexed field is an array; none where a sparse
 * or partial index leaves the document out.
 *
 * @throws {CommandError} 171 when two indexed fields are arrays.
 */
export function keysOf(document: BsonDocument, index: IndexSpecification): readonly IndexKey[] {
  if (index.covers?.(document) === false) return [];
  const columns = index.paths.map((path) => elementsAt(document, path));
  if (columns.filter((column) => column.length > 1).length > 1) {
    throw new CommandError(171, `cannot index parallel arrays in the index ${index.name}`);
  }
  const rowCount = Math.max(...columns.map((column) => column.length));
  const rows = Array.from(
    { length: rowCount },
    (_, row) => columns.map((column) => column.length === 1 ? column[0] : column[row]),
  );
  return rows
    .filter((values) => !index.isSparse || values.some((value) => value !== undefined))
    .map((values) => ({ values, bytes: equalityKey(values) }));
}

/** When a TTL index lets a document expire: its earliest date counts, and without a date it never does. */
export function expiryOf(document: BsonDocument, index: IndexSpecification): number | undefined {
  const [path] = index.paths;
  if (index.expireAfterSeconds === undefined || path === undefined) return undefined;
  if (index.covers?.(document) === false) return undefined;
  const times = elementsAt(document, path).flatMap((value) =>
    value instanceof Date ? [value.getTime()] : []
  );
  return times.length === 0 ? undefined : Math.min(...times) + index.expireAfterSeconds * 1000;
}

/** The key to look up where a query fixes every path of an index; `undefined` where the index cannot answer it. */
export function lookupKey(
  equalities: ReadonlyMap<string, unknown>,
  index: IndexSpecification,
): Uint8Array | undefined {
  if (index.covers !== undefined) return undefined;
  const values = index.paths.map((path) => equalities.get(path.join(".")));
  // Null also means "missing", which a sparse index does not know; an array may be meant whole or as an element.
  const isUsable = values.every((value) =>
    value !== undefined && value !== null && !Array.isArray(value)
  );
  return isUsable ? equalityKey(values) : undefined;
}
