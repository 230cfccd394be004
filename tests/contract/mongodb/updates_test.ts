import assert from "node:assert/strict";
import { type Document, MongoBulkWriteError } from "mongodb";
import { contract, rejectsWith } from "../../fixture/mongodb.ts";

/** An update that the driver's types do not accept for documents with free fields. */
function loosely(update: Document): Document {
  return update;
}

contract("$addToSet takes sub-documents with other fields or another order for others", async (
  { emails },
) => {
  await emails.insertOne({ _id: 1, set: [{ a: 1, b: 2 }] });
  for (const added of [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }]) {
    await emails.updateOne({ _id: 1 }, { $addToSet: { set: added } });
  }
  const stored = await emails.findOne({ _id: 1 });
  assert.deepEqual(
    stored?.set.map((entry: Document) => JSON.stringify(entry)),
    ['{"a":1,"b":2}', '{"b":2,"a":1}', '{"a":1}'],
  );
});

contract("update operators change what they name and nothing else", async ({ emails }) => {
  await emails.insertOne({ _id: 1, n: 1, tags: ["x"], nested: { k: 1 }, list: [1, 2, 3] });
  const update = loosely({
    $push: { tags: "y" },
    $addToSet: { list: { $each: [3, 4, 4] } },
    $unset: { "nested.k": "", missing: "" },
    $setOnInsert: { n: 2 },
    $set: { "nested.deep.er": true, zeta: 1, alpha: 2 },
  });
  await emails.updateOne({ _id: 1 }, update);
  assert.deepEqual(await emails.findOne({ _id: 1 }), {
    _id: 1,
    n: 1,
    tags: ["x", "y"],
    nested: { deep: { er: true } },
    list: [1, 2, 3, 4],
    alpha: 2,
    zeta: 1,
  });
});

contract("a path leads into an array by position", async ({ emails }) => {
  await emails.insertOne({ _id: 1, items: [{ n: 1 }, { n: 2 }] });
  await emails.updateOne({ _id: 1 }, { $set: { "items.1.seen": true, "items.3": "end" } });
  await emails.updateOne({ _id: 1 }, { $unset: { "items.0": "" } });
  assert.deepEqual(await emails.findOne({ _id: 1 }), {
    _id: 1,
    items: [null, { n: 2, seen: true }, null, "end"],
  });
});

contract("replaceOne() keeps the _id and nothing else", async ({ emails }) => {
  await emails.insertOne({ _id: 1, a: 1 });
  const { modifiedCount } = await emails.replaceOne({ _id: 1 }, { b: 2 });
  assert.equal(modifiedCount, 1);
  assert.deepEqual(await emails.findOne({ _id: 1 }), { _id: 1, b: 2 });
  await emails.replaceOne({ _id: 2, a: 3 }, { c: 1 }, { upsert: true });
  assert.deepEqual(await emails.findOne({ _id: 2 }), { _id: 2, c: 1 });
});

contract("updateMany() changes every document that matches", async ({ emails }) => {
  await emails.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n, odd: n % 2 === 1 })));
  const result = await emails.updateMany({ odd: true }, { $set: { odd: true, seen: true } });
  assert.deepEqual([result.matchedCount, result.modifiedCount], [5, 5]);
  assert.equal(await emails.countDocuments({ seen: true }), 5);
});

contract(
  "an update that contradicts itself or the document changes nothing",
  async ({ emails }) => {
    await emails.insertOne({ _id: 1, text: "t", n: 1 });
    await rejectsWith(emails.updateOne({ _id: 1 }, { $set: { n: 2 }, $unset: { n: "" } }), 40);
    await rejectsWith(emails.updateOne({ _id: 1 }, { $set: { _id: 2 } }), 66);
    await rejectsWith(emails.updateOne({ _id: 1 }, { $set: { "text.part": 1 } }), 28);
    await rejectsWith(emails.updateOne({ _id: 1 }, loosely({ $push: { text: 1 } })), 2);
    await rejectsWith(emails.updateOne({ _id: 1 }, { $nonsense: { a: 1 } }), 9);
    assert.deepEqual(await emails.findOne({ _id: 1 }), { _id: 1, text: "t", n: 1 });
  },
);

contract("an unordered bulk goes on after an error, an ordered one stops", async ({ emails }) => {
  const insertions = [1, 1, 2].map((id) => ({ insertOne: { document: { _id: id } } }));
  const failure = (operation: Promise<unknown>) =>
    operation.then(
      () => assert.fail("Expected a duplicate key"),
      (error: unknown) => {
        assert.ok(error instanceof MongoBulkWriteError);
        return [error.code, error.insertedCount];
      },
    );
  assert.deepEqual(await failure(emails.bulkWrite(insertions, { ordered: true })), [11000, 1]);
  await emails.deleteMany({});
  assert.deepEqual(await failure(emails.bulkWrite(insertions, { ordered: false })), [11000, 2]);
});

contract("deleteOne() and deleteMany() say how many they deleted", async ({ emails }) => {
  await emails.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n, odd: n % 2 === 1 })));
  assert.equal((await emails.deleteOne({ odd: true })).deletedCount, 1);
  assert.equal((await emails.deleteMany({ odd: true })).deletedCount, 4);
  assert.equal((await emails.deleteMany({ odd: true })).deletedCount, 0);
  assert.equal(await emails.countDocuments({}), 5);
});
