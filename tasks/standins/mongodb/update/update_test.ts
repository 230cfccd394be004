import assert from "node:assert/strict";
import type { Document } from "bson";
import { documentFrom, fieldsFrom, valueFrom } from "../bson/testing.ts";
import { encode } from "../bson/value.ts";
import { compileUpdate, upsertedDocument } from "./update.ts";

/** Applies an update. */
function apply(document: Document, update: unknown): string {
  const after = compileUpdate(valueFrom(update)).apply(fieldsFrom(document), false);
  return JSON.stringify(documentFrom(encode(after)));
}

const CASES: readonly (readonly [Document, unknown, Document])[] = [
  [{ a: 1 }, { $set: { "b.c.d": 1 } }, { a: 1, b: { c: { d: 1 } } }],
  [{ a: [1] }, { $set: { "a.3": 4 } }, { a: [1, null, null, 4] }],
  [{ a: [1, 2] }, { $unset: { "a.0": "" } }, { a: [null, 2] }],
  [{}, { $set: { z: 1, a: 2 } }, { a: 2, z: 1 }],
  [{ a: [1, 1] }, { $addToSet: { a: 1 } }, { a: [1, 1] }],
  [{ a: [1] }, { $push: { a: { $each: [1, 2] } } }, { a: [1, 1, 2] }],
  [{}, { $push: { "a.b": 1 } }, { a: { b: [1] } }],
  [{ a: [1] }, { $addToSet: { a: { $each: [2, 1, 2] } } }, { a: [1, 2] }],
  [{ a: 1 }, { $unset: { "a.b": "", c: "" } }, { a: 1 }],
  [{}, { $set: { "b.10": 1, "b.9": 2 } }, { b: { 9: 2, 10: 1 } }],
  [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
  [{ a: 1, b: 2 }, { c: 3 }, { c: 3 }],
];

for (const [document, update, expected] of CASES) {
  Deno.test(`compileUpdate() applies ${JSON.stringify(update)} to ${JSON.stringify(document)}`, () => {
    assert.equal(apply({ _id: 1, ...document }, update), JSON.stringify({ _id: 1, ...expected }));
  });
}

Deno.test("compileUpdate() refuses what it does not understand before it sees a document", () => {
  const refused: readonly (readonly [unknown, number])[] = [
    [{ $set: 1 }, 9],
    [{ $set: { a: 1 }, b: 1 }, 9],
    [{ $set: { a: 1, "a.b": 2 } }, 40],
    [{ $set: { "": 1 } }, 56],
    [{ b: 1, $set: { a: 1 } }, 52],
    [{ $nonsense: { a: 1 } }, 9],
    ["text", 9],
    [[{ $set: { a: 1 } }], 238],
    [{ $inc: { a: 1 } }, 238],
    [{ $rename: { a: "b" } }, 238],
    [{ $set: { "a.$": 1 } }, 238],
    [{ $set: { "a.$[].b": 1 } }, 238],
    [{ $push: { a: { $each: [1], $slice: 1 } } }, 238],
    [{ $push: { a: { $each: [1], $nonsense: 1 } } }, 2],
  ];
  for (const [update, code] of refused) {
    assert.throws(() => compileUpdate(valueFrom(update)), { code }, JSON.stringify(update));
  }
});

Deno.test("compileUpdate() refuses to change the _id", () => {
  assert.throws(() => apply({ _id: 1 }, { $set: { _id: 2 } }), { code: 66 });
  assert.throws(() => apply({ _id: 1 }, { $unset: { _id: "" } }), { code: 66 });
  assert.throws(() => apply({ _id: 1 }, { _id: 2 }), { code: 66 });
  assert.equal(apply({ _id: 1 }, { $set: { _id: 1 } }), '{"_id":1}');
});

Deno.test("compileUpdate() adds a field behind those that are there, whatever its name", () => {
  const before = new Map([["z", valueFrom(1)], ["_id", valueFrom(1)]]);
  const after = compileUpdate(valueFrom({ $set: { 1: 1, a: 1, __proto__x: 1 } }))
    .apply(before, false);
  assert.deepEqual([...after.keys()], ["_id", "z", "1", "__proto__x", "a"]);
});

Deno.test("upsertedDocument() takes what the filter fixes, then the update", () => {
  const filter = { _id: "k", "x.y": 1, z: { $gt: 4 }, $and: [{ w: { $eq: 2 } }] };
  const update = compileUpdate(valueFrom({ $set: { v: 1 }, $setOnInsert: { u: 1 } }));
  assert.deepEqual(documentFrom(encode(upsertedDocument(update, fieldsFrom(filter)))), {
    _id: "k",
    x: { y: 1 },
    w: 2,
    u: 1,
    v: 1,
  });
  const twice = fieldsFrom({ a: 1, $and: [{ a: 2 }] });
  assert.throws(() => upsertedDocument(update, twice), { code: 54 });
});
