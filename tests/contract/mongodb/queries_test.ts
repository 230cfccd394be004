import assert from "node:assert/strict";
import { type Document, Long } from "mongodb";
import { contract, type Email, rejectsWith } from "../../fixture/mongodb.ts";

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
  assert.deepEqual(await ids({ parity: { $regex: "^EV", $options: "i" }, n: { $gt: 35 } }), [
    36,
    38,
  ]);
  assert.deepEqual(await ids({ missing: null, n: { $not: { $gt: 0 } } }), [0]);
  assert.deepEqual(await ids({ missing: { $exists: true } }), []);
  assert.deepEqual(await ids({ tags: { $all: ["all", "t1"], $size: 2 }, n: { $mod: [10, 1] } }), [
    1,
    31,
  ]);
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

contract("aggregate() matches, groups, unwinds, joins and pages", async ({ emails, database }) => {
  await emails.insertMany(Array.from({ length: 12 }, (_, n) => ({
    _id: n,
    group: n % 3,
    n,
    at: new Date(1_000_000_000_000 + n * 3_600_000),
    tags: ["all", `t${n % 2}`],
  })));
  assert.deepEqual(
    await emails.aggregate([
      { $match: { n: { $gte: 3 } } },
      {
        $group: {
          _id: "$group",
          count: { $sum: 1 },
          highest: { $max: "$n" },
          last: { $max: "$at" },
        },
      },
      { $sort: { _id: 1 } },
      { $limit: 2 },
    ]).toArray(),
    [0, 1].map((group) => ({
      _id: group,
      count: 3,
      highest: 9 + group,
      last: new Date(1_000_000_000_000 + (9 + group) * 3_600_000),
    })),
  );
  assert.deepEqual(
    await emails.aggregate([{ $unwind: "$tags" }, { $sortByCount: "$tags" }, { $limit: 1 }])
      .toArray(),
    [{ _id: "all", count: 12 }],
  );
  assert.deepEqual(
    await emails.aggregate([
      {
        $facet: {
          total: [{ $count: "n" }],
          page: [{ $sort: { n: -1 } }, { $limit: 1 }, { $project: { _id: 1 } }],
        },
      },
    ]).toArray(),
    [{ total: [{ n: 12 }], page: [{ _id: 11 }] }],
  );
  await database.collection<Email>("groups").insertOne({ _id: 2, name: "third" });
  assert.deepEqual(
    await emails.aggregate([
      { $match: { _id: 5 } },
      { $lookup: { from: "groups", localField: "group", foreignField: "_id", as: "joined" } },
      { $project: { joined: 1 } },
    ]).toArray(),
    [{ _id: 5, joined: [{ _id: 2, name: "third" }] }],
  );
  await rejectsWith(emails.aggregate([{ $nonsense: {} }]).toArray(), 40324);
});
