import assert from "node:assert/strict";
import type { Document } from "mongodb";
import { contract, rejectsWith } from "../../fixture/mongodb.ts";

contract(
  "createIndex() may be repeated; another index under its name is refused",
  async ({ emails }) => {
    for (let repetition = 0; repetition < 2; repetition++) {
      assert.equal(await emails.createIndex({ emailId: 1 }), "emailId_1");
      assert.equal(await emails.createIndex({ storedAt: -1, emailId: 1 }), "storedAt_-1_emailId_1");
    }
    await rejectsWith(emails.createIndex({ other: 1 }, { name: "emailId_1" }), 86);
    await rejectsWith(emails.createIndex({ emailId: 1 }, { name: "another" }), 85);
    const names = (await emails.indexes()).map(({ name }) => name).sort();
    assert.deepEqual(names, ["_id_", "emailId_1", "storedAt_-1_emailId_1"]);
    await emails.dropIndex("emailId_1");
    assert.equal((await emails.indexes()).length, 2);
    await rejectsWith(emails.dropIndex("emailId_1"), 27);
  },
);

contract("many clients may create the same index at once", async ({ connect, emails }) => {
  await Promise.all(Array.from({ length: 5 }, () =>
    connect().collection("emails").createIndexes([
      { key: { emailId: 1 } },
      { key: { storedAt: 1 }, expireAfterSeconds: 3600, name: "ttl" },
    ])));
  const ttl = (await emails.indexes()).find(({ name }) => name === "ttl");
  assert.equal(ttl?.expireAfterSeconds, 3600);
});

contract("unique indexes: sparse and partial ones leave documents out", async ({ emails }) => {
  await emails.createIndex({ sparse: 1 }, { unique: true, sparse: true });
  await emails.createIndex({ n: 1 }, { unique: true, partialFilterExpression: { active: true } });
  await emails.insertMany([{ _id: 1, n: 1 }, { _id: 2, n: 1 }, { _id: 3, n: 1, active: true }]);
  await rejectsWith(emails.insertOne({ _id: 4, n: 1, active: true }), 11000);
  await rejectsWith(emails.updateOne({ _id: 1 }, { $set: { active: true } }), 11000);
  await emails.updateOne({ _id: 1 }, { $set: { sparse: "s" } });
  await rejectsWith(emails.updateOne({ _id: 2 }, { $set: { sparse: "s" } }), 11000);
  // A key that was given up is free again.
  await emails.updateOne({ _id: 1 }, { $unset: { sparse: "" } });
  assert.equal((await emails.updateOne({ _id: 2 }, { $set: { sparse: "s" } })).modifiedCount, 1);
});

contract("a unique index over an array holds for its elements", async ({ emails }) => {
  await emails.createIndex({ addresses: 1 }, { unique: true });
  await emails.insertOne({ _id: 1, addresses: ["a", "b", "a"] });
  await rejectsWith(emails.insertOne({ _id: 2, addresses: ["c", "b"] }), 11000);
  await emails.insertOne({ _id: 3, addresses: ["c"] });
});

contract("a unique index is not built over documents that break it", async ({ emails }) => {
  await emails.insertMany([{ _id: 1, n: 1 }, { _id: 2, n: 1 }]);
  await rejectsWith(emails.createIndex({ n: 1 }, { unique: true }), 11000);
  assert.deepEqual((await emails.indexes()).map(({ name }) => name), ["_id_"]);
});

contract("a query on an indexed field finds what a scan finds", async ({ emails }) => {
  await emails.createIndex({ n: 1 });
  await emails.createIndex({ "nested.k": 1, kind: 1 });
  await emails.insertMany([
    { _id: 1, n: 1, nested: { k: "a" }, kind: "x" },
    { _id: 2, n: [1, 2], nested: [{ k: "a" }, { k: "b" }], kind: "x" },
    { _id: 3, n: null },
    { _id: 4 },
    { _id: 5, n: [[1]], kind: "y" },
  ]);
  const ids = async (filter: Document) =>
    (await emails.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  assert.deepEqual(await ids({ n: 1 }), [1, 2]);
  assert.deepEqual(await ids({ n: null }), [3, 4]);
  assert.deepEqual(await ids({ n: [1, 2] }), [2]);
  assert.deepEqual(await ids({ n: [1] }), [5]);
  assert.deepEqual(await ids({ "nested.k": "a", kind: "x" }), [1, 2]);
  assert.deepEqual(await ids({ "nested.k": "b", kind: { $eq: "x" } }), [2]);
});
