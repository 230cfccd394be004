import assert from "node:assert/strict";
import { type Document, Double } from "mongodb";
import { contract, rejectsWith } from "../../fixture/mongodb.ts";

const UPDATES: readonly (readonly [before: Document, update: Document, after: Document])[] = [
  [{ a: 1 }, { $set: { "b.c.d": 1 } }, { a: 1, b: { c: { d: 1 } } }],
  [{ a: [1] }, { $set: { "a.3": 4 } }, { a: [1, null, null, 4] }],
  [{ a: [{ n: 1 }, { n: 2 }] }, { $set: { "a.1.seen": true } }, {
    a: [{ n: 1 }, { n: 2, seen: true }],
  }],
  [{ a: [1, 2] }, { $unset: { "a.0": "" } }, { a: [null, 2] }],
  [{ a: 1 }, { $unset: { "a.b": "", c: "" } }, { a: 1 }],
  [{}, { $push: { "a.b": 1 } }, { a: { b: [1] } }],
  [{ a: [1] }, { $push: { a: { $each: [1, 2] } } }, { a: [1, 1, 2] }],
  [{ a: [1] }, { $addToSet: { a: { $each: [2, 1, 2] } } }, { a: [1, 2] }],
  [{ a: [{ b: 1, c: 2 }] }, { $addToSet: { a: { b: 1, c: 2 } } }, { a: [{ b: 1, c: 2 }] }],
  [{ a: [{ b: 1, c: 2 }] }, { $addToSet: { a: { c: 2, b: 1 } } }, {
    a: [{ b: 1, c: 2 }, { c: 2, b: 1 }],
  }],
  [{ a: 1 }, { $setOnInsert: { b: 1 }, $set: { _id: 1 } }, { a: 1 }],
  [{ a: 1, b: 2 }, { c: 3 }, { c: 3 }],
];

contract("updates change what they name and nothing else", async ({ database, emails }) => {
  for (const [before, u, after] of UPDATES) {
    await emails.deleteMany({});
    await emails.insertOne({ _id: 1, ...before });
    const updates = [{ q: { _id: 1 }, u }];
    const { nModified } = await database.command({ update: "emails", updates });
    const stored = JSON.stringify(await emails.findOne({ _id: 1 }));
    assert.equal(stored, JSON.stringify({ _id: 1, ...after }), JSON.stringify(u));
    const isSame = JSON.stringify(before) === JSON.stringify(after);
    assert.equal(nModified, isSame ? 0 : 1, JSON.stringify(u));
  }
});

const REFUSED_UPDATES: readonly (readonly [update: Document, code: number])[] = [
  [{ $set: { n: 2 }, $unset: { n: "" } }, 40],
  [{ $set: { a: 1, "a.b": 2 } }, 40],
  [{ $set: { _id: 2 } }, 66],
  [{ $unset: { _id: "" } }, 66],
  [{ _id: 2 }, 66],
  [{ $set: { "text.part": 1 } }, 28],
  [{ $push: { text: 1 } }, 2],
  [{ $nonsense: { a: 1 } }, 9],
  [{ $set: { "": 1 } }, 56],
];

contract("an update that contradicts itself or the document changes nothing", async (
  { database, emails },
) => {
  const before = { _id: 1, text: "t", n: 1 };
  await emails.insertOne(before);
  for (const [u, code] of REFUSED_UPDATES) {
    const { writeErrors } = await database.command({
      update: "emails",
      updates: [{ q: { _id: 1 }, u }],
    });
    assert.equal(writeErrors?.[0].code, code, JSON.stringify(u));
  }
  assert.deepEqual(await emails.findOne({ _id: 1 }), before);
});

contract("updateMany() and deleteMany() report what they did to all that match", async (
  { emails },
) => {
  await emails.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n, odd: n % 2 === 1 })));
  const result = await emails.updateMany({ odd: true }, { $set: { odd: true, seen: true } });
  assert.deepEqual([result.matchedCount, result.modifiedCount], [5, 5]);
  assert.equal((await emails.deleteOne({ seen: true })).deletedCount, 1);
  assert.equal((await emails.deleteMany({ seen: true })).deletedCount, 4);
  assert.equal((await emails.deleteMany({ seen: true })).deletedCount, 0);
  assert.equal(await emails.countDocuments({}), 5);
});

contract("an unordered write goes on after an error, an ordered one stops", async (
  { database, emails },
) => {
  const documents = [1, 1, 2].map((_id) => ({ _id }));
  for (const [ordered, n] of [[true, 1], [false, 2]] as const) {
    await emails.deleteMany({});
    const result = await database.command({ insert: "emails", documents, ordered });
    assert.deepEqual([result.n, result.writeErrors[0].code], [n, 11000]);
  }
});

contract("an upsert inserts what its filter fixes, then what the update says", async (
  { emails },
) => {
  const filter: Document = { _id: "k", "x.y": 1, z: { $gt: 4 }, $and: [{ w: { $eq: 2 } }] };
  await emails.updateOne(filter, { $set: { v: 1 }, $setOnInsert: { u: 1 } }, { upsert: true });
  assert.deepEqual(await emails.findOne(), { _id: "k", x: { y: 1 }, w: 2, u: 1, v: 1 });
  await emails.replaceOne({ _id: 2, a: 3 }, { c: 1 }, { upsert: true });
  assert.deepEqual(await emails.findOne({ _id: 2 }), { _id: 2, c: 1 });
  const twice = { a: 1, $and: [{ a: 2 }] };
  await rejectsWith(emails.updateOne(twice, { $set: { v: 1 } }, { upsert: true }), 54);
});

contract("a duplicate key names the index, its pattern and the value", async ({ emails }) => {
  await emails.insertOne({ _id: 1, owner: "me" });
  const error = await rejectsWith(emails.insertOne({ _id: 1 }), 11000);
  assert.deepEqual([error.keyPattern, error.keyValue], [{ _id: 1 }, { _id: 1 }]);
  assert.match(error.message, /E11000 duplicate key error collection: .*emails index: _id_/);
  // Equal numbers are the same value, whatever their type.
  await rejectsWith(emails.insertOne({ _id: new Double(1) }), 11000);
  // A conditional upsert that lost its lock.
  const others = { _id: 1, owner: "other" };
  await rejectsWith(emails.updateOne(others, { $set: { at: 1 } }, { upsert: true }), 11000);
});

contract("bulk upserts report every inserted document", async ({ emails }) => {
  const operations = Array.from({ length: 50 }, (_, n) => ({
    updateOne: { filter: { _id: n }, update: { $set: { n } }, upsert: true },
  }));
  for (const [upserted, matched] of [[50, 0], [0, 50]]) {
    const result = await emails.bulkWrite(operations, { ordered: false });
    assert.deepEqual([result.upsertedCount, result.matchedCount], [upserted, matched]);
    assert.equal(result.modifiedCount, 0);
  }
});
