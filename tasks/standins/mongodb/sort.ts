import { type Fields, NULL, TYPE, Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { compare } from "./order.ts";
import { checkedPath, reach } from "./path.ts";

/** MongoDB's limit for compound keys. */
const MAX_SORT_FIELDS = 32;

export type SortKey = readonly Value[];

/** A compiled sort specification. Keys are kept instead of documents, so that a large result sorts in little memory. */
export interface Sort {
  readonly keyOf: (document: Fields) => SortKey;
  readonly compareKeys: (left: SortKey, right: SortKey) => number;
}

/** Compiles a sort specification such as `{at: -1, name: 1}`. */
export function compileSort(specification: Fields): Sort {
  if (specification.size > MAX_SORT_FIELDS) throw new CommandError(13103, "too many compound keys");
  const fields = Array.from(specification, ([field, direction]) => {
    if (field.startsWith("$")) throw unsupported(`a sort by ${field}`);
    if (direction.type === TYPE.object) throw unsupported("a sort by $meta");
    const sign = direction.number ?? 0;
    if (Math.abs(sign) === 1) return { path: checkedPath(field), sign };
    throw new CommandError(
      2,
      "$sort key ordering must be 1 (for ascending) or -1 (for descending)",
    );
  });
  return {
    keyOf(document) {
      const candidates = fields.map(({ path }) => sortValues(document, path));
      if (candidates.filter(({ length }) => length > 1).length > 1) {
        throw new CommandError(2, "cannot sort with keys that are parallel arrays");
      }
      // Of an array the smallest element counts when ascending, the largest when descending.
      return candidates.map((values, index) => {
        const sign = fields[index]?.sign ?? 1;
        const best = values.reduce((best, value) => compare(value, best) * sign < 0 ? value : best);
        // A view would keep the whole document in memory.
        return new Value(best.type, best.bytes.slice());
      });
    },
    compareKeys(left, right) {
      for (const [index, { sign }] of fields.entries()) {
        const difference = compare(left[index] ?? NULL, right[index] ?? NULL) * sign;
        if (difference !== 0) return difference;
      }
      return 0;
    },
  };
}

const EMPTY_ARRAY = new Value(TYPE.undefined, new Uint8Array());

/** A missing field sorts as null, and an empty array before it. Where a path names a position, fields of that name do not count. */
function sortValues(document: Fields, path: readonly string[]): readonly Value[] {
  const reached = reach(document, path);
  const byPosition = reached.filter(({ isByPosition }) => isByPosition);
  const values = (byPosition.length > 0 ? byPosition : reached).flatMap(({ value }) => {
    const elements = value?.elements ?? [value ?? NULL];
    return elements.length === 0 ? [EMPTY_ARRAY] : elements;
  });
  return values.length === 0 ? [NULL] : values;
}
