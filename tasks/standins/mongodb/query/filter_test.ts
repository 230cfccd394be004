import assert from "node:assert/strict";
import { BSONRegExp, Int32 } from "bson";
import { type BsonDocument, decode, encode } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { compileFilter } from "./filter.ts";

const DOCUMENTS: readonly BsonDocument[] = [
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
function matching(filter: BsonDocument): readonly unknown[] {
  const matches = compileFilter(decode(encode(filter)));
  return DOCUMENTS.filter((document) => matches(decode(encode(document)))).map(({ _id }) => _id);
}

const CASES: readonly (readonly [filter: BsonDocument, ids: readonly number[]])[] = [
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
  [{ a: { $mod: [2, 1] } }, [1, 2]],
  [{ a: new BSONRegExp("^AB", "i") }, [9]],
  [{ a: { $regex: "c$" } }, [9]],
  [{ a: { $in: [new BSONRegExp("b")] } }, [9]],
  [{ a: { b: 5, c: [1, { d: 2 }] } }, [3]],
  [{ a: { c: [1, { d: 2 }], b: 5 } }, []],
  [{ $or: [{ _id: 1 }, { a: "abc" }] }, [1, 9]],
  [{ $nor: [{ _id: { $lt: 9 } }] }, [9]],
  [{ $and: [{ _id: { $gt: 1 } }, { a: 1 }] }, [2]],
  [{ $expr: { $gt: ["$_id", 8] } }, [9]],
];

for (const [filter, ids] of CASES) {
  Deno.test(`compileFilter() matches ${Deno.inspect(filter, { depth: 9, breakLength: Infinity })}`, () => {
    assert.deepEqual(matching(filter), ids);
  });
}

Deno.test("compileFilter() refuses what it does not understand", () => {
  const malformed: readonly BsonDocument[] = [
    { a: { $nonsense: 1 } },
    { $nonsense: 1 },
    { $and: [] },
    { $or: [new Int32(1)] },
    { a: { $in: 1 } },
    { a: { $size: -1 } },
    { a: { $type: "nonsense" } },
    { a: { $regex: "(" } },
    { a: { $options: "i" } },
    { a: { $mod: [0, 1] } },
    { a: { $not: 1 } },
    { $where: "sleep(1000)" },
  ];
  for (const filter of malformed) {
    assert.throws(() => compileFilter(filter), CommandError, Deno.inspect(filter));
  }
});
