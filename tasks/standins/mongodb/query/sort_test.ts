import assert from "node:assert/strict";
import type { Document } from "bson";
import { fieldsFrom } from "../bson/testing.ts";
import { compileSort } from "./sort.ts";

const DOCUMENTS: readonly Document[] = [
  { _id: 0, a: [] },
  { _id: 1 },
  { _id: 2, a: 2 },
  { _id: 3, a: [1, 5] },
  { _id: 4, a: [[0], 9] },
  { _id: 5, a: [{ b: 7 }] },
  { _id: 6, a: "text" },
];

function sorted(specification: Document): readonly unknown[] {
  const { keyOf, compareKeys } = compileSort(fieldsFrom(specification));
  return DOCUMENTS.map((document) => ({ id: document._id, key: keyOf(fieldsFrom(document)) }))
    .sort((left, right) => compareKeys(left.key, right.key)).map(({ id }) => id);
}

for (
  const [specification, ids] of [
    [{ a: 1 }, [0, 1, 3, 2, 4, 6, 5]],
    [{ a: -1, _id: -1 }, [4, 5, 6, 3, 2, 1, 0]],
    [{ "a.0": 1 }, [0, 1, 2, 6, 4, 3, 5]],
    [{ "a.b": -1 }, [5, 0, 1, 2, 3, 4, 6]],
  ] as const
) {
  Deno.test(`compileSort() sorts by ${JSON.stringify(specification)}`, () => {
    assert.deepEqual(sorted(specification), ids);
  });
}

Deno.test("compileSort() refuses what it does not understand", () => {
  const refused = [[{ a: 2 }, 2], [{ a: { $meta: "textScore" } }, 238], [{ $natural: 1 }, 238]];
  for (const [specification, code] of refused) {
    assert.throws(() => compileSort(fieldsFrom(Object(specification))), { code });
  }
  const { keyOf } = compileSort(fieldsFrom({ a: 1, b: 1 }));
  assert.throws(() => keyOf(fieldsFrom({ a: [1, 2], b: [1, 2] })), { code: 2 });
});
