import { type Fields, NULL, TYPE, Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { compare } from "./order.ts";
import { arrayIndex, checkedPath, reach } from "./path.ts";

export type SortKey = readonly Value[];

/** Compiles a sort specification such as `{at: -1, name: 1}`. Keys are kept instead of documents, so that many sort in little memory. */
export function compileSort(specification: Fields) {
  const fields = Array.from(specification, ([field, { number: sign = 0, typeName }]) => {
    const path = checkedPath(field);
    if (path.some((component) => arrayIndex(component) !== undefined)) {
      throw unsupported(`a sort by a position, such as ${field}`);
    }
    if (Math.abs(sign) === 1) return { path, sign };
    throw new CommandError(2, `$sort key ordering must be 1 or -1, not ${sign || typeName}`);
  });
  return {
    keyOf(document: Fields): SortKey {
      let arrayCount = 0;
      return fields.map(({ path, sign }) => {
        const values = sortValues(document, path);
        if (values.length > 1 && ++arrayCount > 1) {
          throw new CommandError(2, "cannot sort with keys that are parallel arrays");
        }
        // Of an array the smallest element counts when ascending, the largest when descending.
        const best = values.reduce((best, value) => compare(value, best) * sign < 0 ? value : best);
        // A view would keep the whole document in memory.
        return new Value(best.type, new Uint8Array(best.bytes));
      });
    },
    compareKeys(left: SortKey, right: SortKey): number {
      for (const [index, { sign }] of fields.entries()) {
        const difference = compare(left[index] ?? NULL, right[index] ?? NULL) * sign;
        if (difference !== 0) return difference;
      }
      return 0;
    },
  };
}

const EMPTY_ARRAY = new Value(TYPE.undefined, new Uint8Array());

/** A missing field sorts as null, and an empty array before it. */
function sortValues(document: Fields, path: readonly string[]): readonly Value[] {
  const values = reach(document, path).flatMap(({ value }) => {
    const elements = value?.elements ?? [value ?? NULL];
    return elements.length === 0 ? [EMPTY_ARRAY] : elements;
  });
  return values.length === 0 ? [NULL] : values;
}
