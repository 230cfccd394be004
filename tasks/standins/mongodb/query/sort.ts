import { MinKey } from "bson";
import { compare } from "../bson/compare.ts";
import { toNumber } from "../bson/numbers.ts";
import { elementsAt, reach } from "../bson/path.ts";
import type { BsonDocument } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";

/** A compiled sort specification. Keys are kept instead of documents, so that a large result sorts in little memory. */
export interface Sort {
  /** The values that a document is sorted by. */
  readonly keyOf: (document: BsonDocument) => readonly unknown[];
  /** Orders two keys, as for `Array.prototype.sort`. */
  readonly compareKeys: (left: readonly unknown[], right: readonly unknown[]) => number;
}

/**
 * Compiles a sort specification such as `{at: -1, name: 1}`.
 *
 * @throws {CommandError} 2 when a direction is neither 1 nor -1.
 */
export function compileSort(specification: BsonDocument): Sort {
  const fields = Object.entries(specification).map(([field, direction]) => {
    if (field.startsWith("$")) throw unsupported(`a sort by ${field}`);
    const sign = toNumber(direction);
    if (sign === 1 || sign === -1) return { path: field.split("."), sign };
    if (typeof direction === "object" && sign === undefined) throw unsupported("a sort by $meta");
    throw new CommandError(
      2,
      "$sort key ordering must be 1 (for ascending) or -1 (for descending)",
    );
  });
  return {
    // Of an array the smallest element counts when ascending, the largest when descending.
    keyOf: (document) =>
      fields.map(({ path, sign }) =>
        sortValues(document, path).reduce((best, value) =>
          compare(value, best) * sign < 0 ? value : best
        )
      ),
    compareKeys: (left, right) => {
      for (const [index, { sign }] of fields.entries()) {
        const difference = compare(left[index], right[index]) * sign;
        if (difference !== 0) return difference;
      }
      return 0;
    },
  };
}

/** An empty array sorts before null, which a missing field sorts as. */
function sortValues(document: BsonDocument, path: readonly string[]): readonly unknown[] {
  const isEmptyArray = reach(document, path)
    .some(({ value }) => Array.isArray(value) && value.length === 0);
  return isEmptyArray ? [new MinKey()] : elementsAt(document, path);
}
