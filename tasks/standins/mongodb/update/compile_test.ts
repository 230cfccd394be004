import assert from "node:assert/strict";
import { type Document, Double, Int32, Long } from "bson";
import { type BsonDocument, decode, encode } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { compileUpdate } from "./compile.ts";
import { upsertedDocument } from "./upsert.ts";

interface CommandContext {
  readonly filter?: BsonDocument;
  readonly arrayFilters?: readonly BsonDocument[];
}

function compile(update: unknown, { filter = {}, arrayFilters = [] }: CommandContext = {}) {
  const decoded = decode(encode({ update, filter, arrayFilters: [...arrayFilters] }));
  const filters = decode(encode({ filter })).filter;
  return compileUpdate({
    update: decoded.update,
    filter: Object.assign({}, filters),
    arrayFilters: arrayFilters.map((entry) => decode(encode(entry))),
    variables: {},
  });
}

/** Applies an update; numbers come and go as JavaScript has them. */
function apply(document: Document, update: unknown, surroundings: CommandContext = {}): string {
  const result = compile(update, surroundings).apply(decode(encode(document)), false);
  return JSON.stringify(result, (_, value) => value instanceof Int32 ? value.value : value);
}

const CASES: readonly (readonly [Document, unknown, Document])[] = [
  [{ a: 1 }, { $set: { "b.c.d": 1 } }, { a: 1, b: { c: { d: 1 } } }],
  [{ a: [1] }, { $set: { "a.3": 4 } }, { a: [1, null, null, 4] }],
  [{ a: [1, 2] }, { $unset: { "a.0": "" } }, { a: [null, 2] }],
  [{}, { $set: { z: 1, a: 2 } }, { a: 2, z: 1 }],
  [{ a: 6 }, { $bit: { a: { xor: 3 } } }, { a: 5 }],
  [{}, { $mul: { a: 5 } }, { a: 0 }],
  [{ a: [3, 1] }, { $push: { a: { $each: [2], $sort: 1, $slice: 2 } } }, { a: [1, 2] }],
  [{}, { $push: { a: { $each: [1, 2, 3], $slice: -2 } } }, { a: [2, 3] }],
  [{ a: [1] }, { $push: { a: { $each: [9], $position: 0 } } }, { a: [9, 1] }],
  [{ a: [1, 1] }, { $addToSet: { a: 1 } }, { a: [1, 1] }],
  [{ a: [1, 2, 1] }, { $pullAll: { a: [1] } }, { a: [2] }],
  [{ a: [{ b: 1, c: 1 }, { b: 2 }] }, { $pull: { a: { b: 1 } } }, { a: [{ b: 2 }] }],
  [{ a: [1, 2] }, { $pop: { a: -1 } }, { a: [2] }],
  [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
  [{ a: 1, b: 2 }, { c: 3 }, { c: 3 }],
];

for (const [document, update, expected] of CASES) {
  Deno.test(`compileUpdate() applies ${JSON.stringify(update)} to ${JSON.stringify(document)}`, () => {
    assert.equal(apply({ _id: 1, ...document }, update), JSON.stringify({ _id: 1, ...expected }));
  });
}

Deno.test("compileUpdate() refuses a malformed update before it sees a document", () => {
  const malformed = [
    { $set: 1 },
    { $set: { a: 1, "a.b": 2 } },
    { $set: { "": 1 } },
    { $rename: { a: "a" } },
    { $nonsense: { a: 1 } },
    [{ $match: {} }],
    "text",
  ];
  for (const update of malformed) {
    assert.throws(() => compile(update), CommandError, JSON.stringify(update));
  }
});

Deno.test("compileUpdate() refuses to change the _id", () => {
  assert.throws(() => apply({ _id: 1 }, { $set: { _id: 2 } }), { code: 66 });
  assert.throws(() => apply({ _id: 1 }, { _id: 2 }), { code: 66 });
  assert.equal(apply({ _id: 1 }, { $set: { _id: 1 } }), '{"_id":1}');
});

Deno.test("compileUpdate() lets a pipeline leave the types of other fields alone", () => {
  const document = {
    _id: 1,
    long: Long.fromNumber(1),
    double: new Double(2),
    list: [new Double(3)],
  };
  const result = compile([{ $set: { sum: { $add: ["$long", "$double"] } } }])
    .apply(decode(encode(document)), false);
  assert.deepEqual([result.long, result.double, result.list], [
    Long.fromNumber(1),
    new Double(2),
    [new Double(3)],
  ]);
  assert.equal(result.sum, 3);
});

Deno.test("compileUpdate() writes a field named __proto__ like any other", () => {
  const update = { $set: JSON.parse('{"__proto__.polluted": 1}') };
  const result = compile(update).apply({ _id: 1 }, false);
  assert.ok(Object.hasOwn(result, "__proto__"));
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

Deno.test("upsertedDocument() takes what the filter fixes, then the update", () => {
  const filter = { _id: "k", "x.y": 1, z: { $gt: 4 }, $and: [{ w: { $eq: 2 } }] };
  const upserted = upsertedDocument(
    compile({ $set: { v: 1 }, $setOnInsert: { u: 1 } }, { filter }),
  );
  assert.deepEqual(
    JSON.parse(
      JSON.stringify(upserted, (_, value) => value instanceof Int32 ? value.value : value),
    ),
    { _id: "k", x: { y: 1 }, w: 2, u: 1, v: 1 },
  );
});
