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
  await emails.insertOne({
    _id: 1,
    n: 1,
    tags: ["x"],
    nested: { k: 1 },
    old: "name",
    low: 5,
    high: 5,
  });
  const before = Date.now();
  const update = loosely({
    $inc: { n: 2, fresh: 3 },
    $push: { tags: "y" },
    $unset: { "nested.k": "" },
    $rename: { old: "new" },
    $min: { low: 3 },
    $max: { high: 3 },
    $currentDate: { changedAt: true },
    $set: { "nested.deep.er": true },
  });
  await emails.updateOne({ _id: 1 }, update);
  const stored: Document = await emails.findOne({ _id: 1 }) ?? {};
  const { changedAt, ...rest } = stored;
  assert.ok(changedAt instanceof Date && Math.abs(changedAt.getTime() - before) < 60_000);
  assert.deepEqual(rest, {
    _id: 1,
    n: 3,
    tags: ["x", "y"],
    nested: { deep: { er: true } },
    low: 3,
    high: 5,
    fresh: 3,
    new: "name",
  });
});

contract("array operators, array filters and positions change the elements meant", async (
  { emails },
) => {
  await emails.insertOne({ _id: 1, list: [1, 2, 3], items: [{ n: 1 }, { n: 5 }, { n: 9 }] });
  await emails.updateOne({ _id: 1 }, loosely({ $push: { list: { $each: [4, 5], $slice: -3 } } }));
  await emails.updateOne({ _id: 1 }, { $addToSet: { list: { $each: [5, 6, 6] } } });
  await emails.updateOne({ _id: 1 }, loosely({ $pull: { list: { $lt: 4 } } }));
  await emails.updateOne({ _id: 1 }, { $set: { "items.$[big].seen": true } }, {
    arrayFilters: [{ "big.n": { $gt: 4 } }],
  });
  await emails.updateOne({ _id: 1, "items.n": 5 }, { $inc: { "items.$.n": 100 } });
  await emails.updateOne({ _id: 1 }, { $inc: { "items.$[].n": 1 } });
  assert.deepEqual(await emails.findOne({ _id: 1 }), {
    _id: 1,
    list: [4, 5, 6],
    items: [{ n: 2 }, { n: 106, seen: true }, { n: 10, seen: true }],
  });
});

contract("an update with a pipeline computes from the document", async ({ emails }) => {
  await emails.insertOne({ _id: 1, n: 4, first: "a", last: "b" });
  await emails.updateOne({ _id: 1 }, [
    { $set: { double: { $multiply: ["$n", 2] }, name: { $concat: ["$first", "-", "$last"] } } },
    { $unset: ["first", "last"] },
  ]);
  assert.deepEqual(await emails.findOne({ _id: 1 }), { _id: 1, n: 4, double: 8, name: "a-b" });
});

contract(
  "an update that contradicts itself or the document changes nothing",
  async ({ emails }) => {
    await emails.insertOne({ _id: 1, text: "t", n: 1 });
    await rejectsWith(emails.updateOne({ _id: 1 }, { $set: { n: 2 }, $inc: { n: 1 } }), 40);
    await rejectsWith(emails.updateOne({ _id: 1 }, { $set: { _id: 2 } }), 66);
    await rejectsWith(emails.updateOne({ _id: 1 }, { $inc: { text: 1 } }), 14);
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

contract("findOneAndUpdate(), -Replace() and -Delete() return the document asked for", async (
  { emails },
) => {
  const created = await emails.findOneAndUpdate({ _id: 1 }, { $inc: { v: 1 } }, {
    upsert: true,
    returnDocument: "after",
  });
  assert.deepEqual(created, { _id: 1, v: 1 });
  assert.deepEqual(await emails.findOneAndUpdate({ _id: 1 }, { $inc: { v: 1 } }), { _id: 1, v: 1 });
  assert.equal(await emails.findOneAndUpdate({ _id: 9 }, { $inc: { v: 1 } }), null);
  await emails.insertOne({ _id: 2, v: 7 });
  const highest = await emails.findOneAndUpdate({}, { $set: { top: true } }, {
    sort: { v: -1 },
    projection: { top: 1 },
    returnDocument: "after",
  });
  assert.deepEqual(highest, { _id: 2, top: true });
  await emails.findOneAndReplace({ _id: 2 }, { other: 1 });
  assert.deepEqual(await emails.findOneAndDelete({ _id: 2 }), { _id: 2, other: 1 });
  assert.equal(await emails.countDocuments({}), 1);
});

contract("deleteOne() and deleteMany() say how many they deleted", async ({ emails }) => {
  await emails.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n, odd: n % 2 === 1 })));
  assert.equal((await emails.deleteOne({ odd: true })).deletedCount, 1);
  assert.equal((await emails.deleteMany({ odd: true })).deletedCount, 4);
  assert.equal((await emails.deleteMany({ odd: true })).deletedCount, 0);
  assert.equal(await emails.countDocuments({}), 5);
});
