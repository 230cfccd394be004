import assert from "node:assert/strict";
import { type Document, Long } from "mongodb";
import { contract, rejectsWith } from "../../fixture/mongodb.ts";

contract("find() filters, sorts, skips, limits and projects", async ({ emails }) => {
  await emails.insertMany(Array.from({ length: 40 }, (_, n) => ({
    _id: n,
    n,
    parity: n % 2 === 0 ? "even" : "odd",
    nested: { square: n * n },
    tags: [`t${n % 3}`, "all"],
  })));
  const found = await emails.find({ parity: "odd", n: { $gte: 5, $lt: 30 } })
    .project({ _id: 0, n: 1, "nested.square": 1 }).sort({ n: -1 }).skip(1).limit(2).toArray();
  assert.deepEqual(found, [{ n: 27, nested: { square: 729 } }, { n: 25, nested: { square: 625 } }]);

  const ids = async (filter: Document) =>
    (await emails.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  assert.deepEqual(await ids({ $or: [{ n: { $in: [1, 3] } }, { "nested.square": 4 }] }), [1, 2, 3]);
  assert.deepEqual(await ids({ tags: "t0", n: { $lt: 7, $ne: 3 } }), [0, 6]);
  assert.deepEqual(await ids({ missing: null, n: { $not: { $gt: 0 } } }), [0]);
  assert.deepEqual(await ids({ missing: { $exists: true } }), []);
  assert.deepEqual(await ids({ tags: { $all: ["all", "t1"], $size: 2 }, n: { $lt: 5 } }), [1, 4]);
  await rejectsWith(emails.find({ n: { $nonsense: 1 } }).toArray(), 2);
});

contract("a cursor gives every document once, whatever the batch size", async ({ emails }) => {
  await emails.insertMany(Array.from({ length: 53 }, (_, n) => ({ _id: n })));
  for (const batchSize of [1, 7, 53, 100]) {
    const ids: unknown[] = [];
    for await (const { _id } of emails.find({}).sort({ _id: 1 }).batchSize(batchSize)) {
      ids.push(_id);
    }
    assert.deepEqual(ids, Array.from({ length: 53 }, (_, n) => n));
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

contract(
  "getMore on a cursor that was killed is refused with CursorNotFound",
  async ({ emails, database }) => {
    await emails.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n })));
    const { cursor } = await database.command({ find: "emails", batchSize: 2 });
    const killed = await database.command({ killCursors: "emails", cursors: [cursor.id] });
    assert.deepEqual(killed.cursorsKilled.map(String), [String(cursor.id)]);
    const id = typeof cursor.id === "number" ? Long.fromNumber(cursor.id) : cursor.id;
    await rejectsWith(database.command({ getMore: id, collection: "emails" }), 43);
  },
);

contract("count, distinct and estimates agree with what is stored", async ({ emails }) => {
  assert.equal(await emails.countDocuments({}), 0);
  await emails.insertMany(
    Array.from({ length: 20 }, (_, n) => ({ _id: n, group: n % 3, tags: [n % 2, "t"] })),
  );
  assert.equal(await emails.countDocuments({ group: 1 }), 7);
  assert.equal(await emails.countDocuments({ group: 1 }, { skip: 2, limit: 3 }), 3);
  assert.equal(await emails.countDocuments({ group: 9 }), 0);
  assert.equal(await emails.estimatedDocumentCount(), 20);
  assert.deepEqual((await emails.distinct("group")).sort(), [0, 1, 2]);
  assert.deepEqual((await emails.distinct("tags", { _id: 4 })).map(String).sort(), ["0", "t"]);
});

contract("find() obeys limit, batch size and projection of arrays of documents", async (
  { emails, database },
) => {
  await emails.insertMany([
    { _id: 1, items: [{ a: 1, b: 2 }, 5, { b: 3 }], rest: "r" },
    { _id: 2, items: "none" },
  ]);
  const shown = async (projection: Document) =>
    await emails.find({}, { projection, sort: { _id: 1 } }).toArray();
  assert.deepEqual(await shown({ "items.b": 1 }), [
    { _id: 1, items: [{ b: 2 }, { b: 3 }] },
    { _id: 2 },
  ]);
  assert.deepEqual(await shown({ items: { b: 0 }, rest: 0 }), [
    { _id: 1, items: [{ a: 1 }, 5, {}] },
    { _id: 2, items: "none" },
  ]);
  await rejectsWith(shown({ a: 1, b: 0 }), 31254);
  const { cursor } = await database.command({ find: "emails", limit: 1, singleBatch: true });
  assert.deepEqual([cursor.firstBatch.length, Number(cursor.id)], [1, 0]);
});
