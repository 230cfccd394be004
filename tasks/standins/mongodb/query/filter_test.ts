import assert from "node:assert/strict";
import { BSONRegExp, type Document, Int32 } from "bson";
import { fieldsFrom } from "../bson/testing.ts";
import { compileFilter } from "./filter.ts";

const DOCUMENTS: readonly Document[] = [
  { _id: 1, a: 1 },
  { _id: 2, a: [1, 2, 3] },
  { _id: 3, a: { b: 5, c: [1, { d: 2 }] } },
  { _id: 4, a: [{ b: 1 }, { b: 2 }] },
  { _id: 5, a: [] },
  { _id: 6 },
  { _id: 7, a: null },
  { _id: 8, a: [[1, 2], [3]] },
  { _id: 9, a: "abc" },
];

/** The ids of the documents that match. */
function matching(filter: Document): readonly unknown[] {
  const matches = compileFilter(fieldsFrom(filter));
  return DOCUMENTS.filter((document) => matches(fieldsFrom(document))).map(({ _id }) => _id);
}

const CASES: readonly (readonly [filter: Document, ids: readonly number[]])[] = [
  [{}, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [{ a: 1 }, [1, 2]],
  [{ a: [1, 2] }, [8]],
  [{ a: null }, [6, 7]],
  [{ a: { $ne: null } }, [1, 2, 3, 4, 5, 8, 9]],
  [{ a: { $exists: false } }, [6]],
  [{ "a.b": { $gt: 1 } }, [3, 4]],
  [{ "a.c.d": 2 }, [3]],
  [{ "a.0": 1 }, [2]],
  [{ "a.1.b": 2 }, [4]],
  [{ a: { $gt: 2, $lt: 2 } }, [2]],
  [{ a: { $elemMatch: { $gt: 2, $lt: 2 } } }, []],
  [{ a: { $elemMatch: { b: { $gte: 2 } } } }, [4]],
  [{ a: { $elemMatch: { $elemMatch: { $gt: 2 } } } }, [8]],
  [{ a: { $all: [1, 3] } }, [2]],
  [{ a: { $size: 0 } }, [5]],
  [{ a: { $type: ["object", "string"] } }, [3, 4, 9]],
  [{ a: { $in: ["abc", null] } }, [6, 7, 9]],
  [{ a: { $nin: [1, null] } }, [3, 4, 5, 8, 9]],
  [{ a: { $not: { $gte: 1 } } }, [3, 4, 5, 6, 7, 8, 9]],
  [{ a: { b: 5, c: [1, { d: 2 }] } }, [3]],
  [{ a: { c: [1, { d: 2 }], b: 5 } }, []],
  [{ $or: [{ _id: 1 }, { a: "abc" }] }, [1, 9]],
  [{ $nor: [{ _id: { $lt: 9 } }] }, [9]],
  [{ $and: [{ _id: { $gt: 1 } }, { a: 1 }] }, [2]],
];

for (const [filter, ids] of CASES) {
  Deno.test(`compileFilter() matches ${Deno.inspect(filter, { depth: 9, breakLength: Infinity })}`, () => {
    assert.deepEqual(matching(filter), ids);
  });
}

Deno.test("compileFilter() refuses what it does not understand", () => {
  const malformed: readonly (readonly [Document, number])[] = [
    [{ a: { $nonsense: 1 } }, 2],
    [{ $nonsense: 1 }, 2],
    [{ $and: [] }, 2],
    [{ $or: [new Int32(1)] }, 2],
    [{ a: { $gt: 1, b: 2 } }, 2],
    [{ a: { $in: 1 } }, 2],
    [{ a: { $size: -1 } }, 2],
    [{ a: { $type: "nonsense" } }, 2],
    [{ a: { $not: 1 } }, 2],
    [{ a: { $all: [{ $gt: 1 }] } }, 2],
    [{ a: { $regex: "(a+)+$" } }, 238],
    [{ a: new BSONRegExp("(a+)+$") }, 238],
    [{ a: { $in: [new BSONRegExp("a")] } }, 238],
    [{ a: { $mod: [2, 1] } }, 238],
    [{ $where: "sleep(1000)" }, 238],
    [{ $expr: { $gt: ["$_id", 8] } }, 238],
  ];
  for (const [filter, code] of malformed) {
    assert.throws(() => compileFilter(fieldsFrom(filter)), { code }, Deno.inspect(filter));
  }
});
