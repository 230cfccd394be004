import assert from "node:assert/strict";
import { type Document, Long } from "mongodb";
import { contract, type Email, rejectsWith } from "../../fixture/mongodb.ts";

const DOCUMENTS: readonly Email[] = [
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

const FILTERS: readonly (readonly [filter: Document, ids: readonly number[]])[] = [
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

contract("find() matches documents by a filter", async ({ emails }) => {
  await emails.insertMany([...DOCUMENTS]);
  for (const [filter, ids] of FILTERS) {
    const found = await emails.find(filter).sort({ _id: 1 }).toArray();
    assert.deepEqual(found.map(({ _id }) => _id), ids, JSON.stringify(filter));
    assert.equal(await emails.countDocuments(filter), ids.length);
  }
});

const MALFORMED_FILTERS: readonly Document[] = [
  { a: { $nonsense: 1 } },
  { $nonsense: 1 },
  { $and: [] },
  { $or: [1] },
  { a: { $in: 1 } },
  { a: { $in: [{ $gt: 1 }] } },
  { a: { $ne: /x/ } },
  { a: { $gt: /x/ } },
  { a: { $size: -1 } },
  { a: { $type: "nonsense" } },
  { a: { $not: 1 } },
];

contract("find() refuses an invalid filter", async ({ emails }) => {
  for (const filter of MALFORMED_FILTERS) await rejectsWith(emails.find(filter).toArray(), 2);
  await rejectsWith(emails.find({ a: { $type: [] } }).toArray(), 9);
});

const SORTS: readonly (readonly [sort: Record<string, 1 | -1>, ids: readonly number[]])[] = [
  [{ a: 1, _id: 1 }, [0, 1, 3, 2, 4, 6, 5]],
  [{ a: -1, _id: -1 }, [4, 5, 6, 3, 2, 1, 0]],
  [{ "a.b": -1, _id: 1 }, [5, 0, 1, 2, 3, 4, 6]],
];

contract("find() sorts by paths, and of an array by its smallest or largest element", async (
  { emails },
) => {
  await emails.insertMany([
    { _id: 0, a: [] },
    { _id: 1 },
    { _id: 2, a: 2 },
    { _id: 3, a: [1, 5] },
    { _id: 4, a: [[0], 9] },
    { _id: 5, a: [{ b: 7 }] },
    { _id: 6, a: "text" },
  ]);
  for (const [sort, ids] of SORTS) {
    const found = await emails.find({ _id: { $in: [...ids] } }).sort(sort).toArray();
    assert.deepEqual(found.map(({ _id }) => _id), ids, JSON.stringify(sort));
  }
});

contract("find() skips, limits and projects", async ({ emails, database }) => {
  await emails.insertMany([
    { _id: 1, items: [{ a: 1, b: 2 }, 5, { b: 3 }], rest: "r" },
    { _id: 2, items: "none" },
    { _id: 3, nested: { deep: { er: 1 }, other: 2 } },
  ]);
  const shown = async (projection: Document) =>
    await emails.find({}, { projection, sort: { _id: 1 }, limit: 2 }).toArray();
  assert.deepEqual(await shown({ "items.b": 1 }), [
    { _id: 1, items: [{ b: 2 }, { b: 3 }] },
    { _id: 2 },
  ]);
  assert.deepEqual(await shown({ "items.b": 0, rest: 0 }), [
    { _id: 1, items: [{ a: 1 }, 5, {}] },
    { _id: 2, items: "none" },
  ]);
  const [last] = await emails.find().sort({ _id: -1 }).project({ _id: 0, "nested.deep": 1 })
    .limit(1).toArray();
  assert.deepEqual(last, { nested: { deep: { er: 1 } } });
  const skipped = await emails.find().sort({ _id: 1 }).skip(1).limit(1).project({ _id: 1 });
  assert.deepEqual(await skipped.toArray(), [{ _id: 2 }]);
  await rejectsWith(shown({ a: 1, b: 0 }), 31254);
  const { cursor } = await database.command({ find: "emails", limit: 1, singleBatch: true });
  assert.deepEqual([cursor.firstBatch.length, Number(cursor.id)], [1, 0]);
});

contract("a cursor gives every document once, whatever the batch size", async ({ emails }) => {
  await emails.insertMany(Array.from({ length: 53 }, (_, n) => ({ _id: n })));
  for (const batchSize of [1, 7, 53, 100]) {
    const found = await emails.find({}).sort({ _id: 1 }).batchSize(batchSize).toArray();
    assert.deepEqual(found.map(({ _id }) => _id), Array.from({ length: 53 }, (_, n) => n));
  }
});

contract("a cursor over documents that fill several batches of 16 MB is complete", async (
  { emails },
) => {
  const text = "x".repeat(6_000_000);
  for (let n = 0; n < 3; n++) await emails.insertOne({ _id: n, text });
  const lengths = (await emails.find({}).toArray()).map((email) => email.text.length);
  assert.deepEqual(lengths, [6_000_000, 6_000_000, 6_000_000]);
});

contract("getMore on a cursor that was killed is refused with CursorNotFound", async (
  { emails, database },
) => {
  await emails.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n })));
  const { cursor } = await database.command({ find: "emails", batchSize: 2 });
  const killed = await database.command({ killCursors: "emails", cursors: [cursor.id] });
  assert.deepEqual(killed.cursorsKilled.map(String), [String(cursor.id)]);
  const id = typeof cursor.id === "number" ? Long.fromNumber(cursor.id) : cursor.id;
  await rejectsWith(database.command({ getMore: id, collection: "emails" }), 43);
});

contract("count, distinct and estimates agree with what is stored", async ({ emails }) => {
  assert.equal(await emails.countDocuments({}), 0);
  await emails.insertMany(
    Array.from({ length: 20 }, (_, n) => ({ _id: n, group: n % 3, tags: [n % 2, "t"] })),
  );
  assert.equal(await emails.countDocuments({ group: 1 }, { skip: 2, limit: 3 }), 3);
  assert.equal(await emails.estimatedDocumentCount(), 20);
  assert.deepEqual((await emails.distinct("group")).sort(), [0, 1, 2]);
  assert.deepEqual((await emails.distinct("tags", { _id: 4 })).map(String).sort(), ["0", "t"]);
});
