/**
 * What the system relies on in a MongoDB, checked against the stand-in and, where `TEST_MONGODB_URL` names one, against
 * a real server. Each test has a database of its own and drops it.
 */

import assert from "node:assert/strict";
import { contractTargets, integrationTest } from "@playground/shared/testing";
import fc from "fast-check";
import {
  Binary,
  BSON,
  BSONRegExp,
  type Collection,
  type Db,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MongoBulkWriteError,
  MongoClient,
  MongoServerError,
  ObjectId,
  Timestamp,
} from "mongodb";
import { startMongodb } from "../../tasks/standins/mongodb/mod.ts";

/** A server that runs. */
interface Server extends AsyncDisposable {
  readonly url: string;
}

/** What a test works with. */
interface Bench {
  /** An empty database. */
  readonly database: Db;
  /** A collection in it that does not exist yet. */
  readonly emails: Collection<Email>;
  /** A further client, closed with the test. */
  readonly connect: (options?: Record<string, unknown>) => Db;
}

type Email = Document & { _id: string | number | ObjectId };

/** An update that the driver's types do not accept for documents with free fields. */
function loosely(update: Document): Document {
  return update;
}

const TARGETS = contractTargets<Server>(
  "TEST_MONGODB_URL",
  () => startMongodb({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers one test for each target. */
function contract(name: string, run: (bench: Bench) => Promise<void>): void {
  for (const target of TARGETS) {
    const options = target.ignoredBecause === undefined
      ? {}
      : { ignoredBecause: target.ignoredBecause };
    integrationTest(`mongodb (${target.name}): ${name}`, async () => {
      await using server = await target.start();
      const databaseName = `contract_${crypto.randomUUID().replaceAll("-", "")}`;
      const clients: MongoClient[] = [];
      const connect = (options: Record<string, unknown> = {}) => {
        const client = new MongoClient(server.url, {
          directConnection: true,
          serverSelectionTimeoutMS: 5000,
          ...options,
        });
        clients.push(client);
        return client.db(databaseName);
      };
      const database = connect();
      try {
        await run({ database, emails: database.collection<Email>("emails"), connect });
      } finally {
        await database.dropDatabase();
        await Promise.all(clients.map((client) => client.close()));
      }
    }, options);
  }
}

/** Asserts that the server refuses with one of these codes, and returns its error. */
async function rejectsWith(
  operation: Promise<unknown>,
  ...codes: readonly number[]
): Promise<MongoServerError> {
  const error = await operation.then(
    () => assert.fail("Expected the server to refuse, but it did not"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof MongoServerError)) throw error;
  assert.ok(codes.includes(Number(error.code)), `code ${error.code}: ${error.message}`);
  return error;
}

contract("hello says that writes go here and how large they may be", async ({ database }) => {
  const hello = await database.admin().command({ hello: 1 });
  assert.equal(hello.isWritablePrimary, true);
  assert.equal(hello.maxBsonObjectSize, 16 * 1024 * 1024);
  assert.ok(hello.maxWireVersion >= 21);
});

contract("the archive's upsert creates a document once and then only adds deliveries", async (
  { emails },
) => {
  const archive = (mailtrapId: number) =>
    emails.updateOne(
      { _id: "digest" },
      {
        $setOnInsert: { subject: "Hello", storedAt: new Date(1000), mailtrapId },
        $addToSet: { deliveries: { mailtrapId, receivedAt: new Date(2000) } },
      },
      { upsert: true, writeConcern: { w: "majority", j: true } },
    );
  const first = await archive(1);
  assert.deepEqual([first.upsertedCount, first.upsertedId, first.matchedCount], [1, "digest", 0]);
  const repeated = await archive(1);
  assert.deepEqual(
    [repeated.upsertedCount, repeated.matchedCount, repeated.modifiedCount],
    [0, 1, 0],
  );
  const second = await archive(2);
  assert.deepEqual([second.matchedCount, second.modifiedCount], [1, 1]);
  assert.deepEqual(await emails.findOne({ _id: "digest" }), {
    _id: "digest",
    deliveries: [
      { mailtrapId: 1, receivedAt: new Date(2000) },
      { mailtrapId: 2, receivedAt: new Date(2000) },
    ],
    mailtrapId: 1,
    storedAt: new Date(1000),
    subject: "Hello",
  });
});

contract("concurrent upserts of one _id insert it exactly once", async ({ emails, connect }) => {
  const clients = Array.from({ length: 4 }, () => connect().collection<Email>("emails"));
  const upsert = async (collection: Collection<Email>, delivery: number): Promise<number> => {
    const attempt = () =>
      collection.updateOne(
        { _id: "contended" },
        { $setOnInsert: { subject: "one" }, $addToSet: { deliveries: { id: delivery } } },
        { upsert: true },
      );
    // The loser of the race may see a duplicate key and tries again (MongoDB manual, "Upsert with Duplicate Values").
    const result = await attempt().catch((error: unknown) => {
      if (error instanceof MongoServerError && error.code === 11000) return attempt();
      throw error;
    });
    return result.upsertedCount;
  };
  const counts = await Promise.all(
    clients.flatMap((collection) =>
      Array.from({ length: 25 }, (_, delivery) => upsert(collection, delivery % 5))
    ),
  );
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 1);
  const stored = await emails.findOne({ _id: "contended" });
  const deliveries = (stored?.deliveries ?? []).map(({ id }: { id: number }) => id).sort();
  assert.deepEqual(deliveries, [0, 1, 2, 3, 4]);
});

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

contract("a raw mail of 15 MB comes back byte for byte", async ({ emails }) => {
  const raw = new Uint8Array(15_000_000);
  for (let index = 0; index < raw.length; index += 997) raw[index] = index % 251;
  await emails.updateOne(
    { _id: "large" },
    { $setOnInsert: { raw: new Binary(raw) } },
    { upsert: true, writeConcern: { w: "majority" } },
  );
  await emails.updateOne({ _id: "large" }, { $addToSet: { deliveries: { mailtrapId: 1 } } });
  const stored = await emails.findOne({ _id: "large" });
  assert.ok(stored?.raw instanceof Binary);
  assert.equal(stored.raw.length(), raw.length);
  assert.deepEqual(
    await crypto.subtle.digest("SHA-256", Uint8Array.from(stored.raw.value())),
    await crypto.subtle.digest("SHA-256", raw),
  );
});

contract(
  "a document of more than 16 MB is refused and leaves nothing behind",
  async ({ emails }) => {
    await rejectsWith(emails.insertOne({ _id: 1, text: "x".repeat(16 * 1024 * 1024) }), 2, 10334);
    await emails.insertOne({ _id: 2, text: "x".repeat(9_000_000) });
    await rejectsWith(
      emails.updateOne({ _id: 2 }, { $set: { more: "x".repeat(9_000_000) } }),
      17419,
      10334,
    );
    assert.deepEqual(await emails.find({}, { projection: { _id: 1 } }).toArray(), [{ _id: 2 }]);
  },
);

contract("a duplicate key names the index, its pattern and the value", async ({ emails }) => {
  await emails.createIndex({ messageId: 1 }, { unique: true });
  await emails.insertOne({ _id: 1, messageId: "a" });
  const byIndex = await rejectsWith(emails.insertOne({ _id: 2, messageId: "a" }), 11000);
  assert.deepEqual(byIndex.keyPattern, { messageId: 1 });
  assert.deepEqual(byIndex.keyValue, { messageId: "a" });
  assert.match(
    byIndex.message,
    /E11000 duplicate key error collection: .*emails index: messageId_1/,
  );
  const byId = await rejectsWith(emails.insertOne({ _id: 1 }), 11000);
  assert.deepEqual(byId.keyValue, { _id: 1 });
  // 1 and 1.0 are the same value.
  await rejectsWith(
    emails.insertOne({ _id: 3, messageId: "c", n: 1 }).then(() =>
      emails.insertOne({ _id: 3.0, messageId: "d" })
    ),
    11000,
  );
});

contract("a conditional upsert that lost its lock sees a duplicate key", async ({ emails }) => {
  await emails.insertOne({ _id: "lock", owner: "me" });
  await rejectsWith(
    emails.updateOne({ _id: "lock", owner: "other" }, { $set: { at: 1 } }, { upsert: true }),
    11000,
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

contract("bulk upserts report every inserted document", async ({ emails }) => {
  const operations = Array.from({ length: 50 }, (_, n) => ({
    updateOne: { filter: { _id: n }, update: { $set: { n } }, upsert: true },
  }));
  const first = await emails.bulkWrite(operations, { ordered: false });
  assert.deepEqual([first.upsertedCount, first.matchedCount], [50, 0]);
  const second = await emails.bulkWrite(operations, { ordered: false });
  assert.deepEqual([second.upsertedCount, second.matchedCount, second.modifiedCount], [0, 50, 0]);
});

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

contract(
  "collections and databases are listed, created and dropped",
  async ({ database, emails }) => {
    await database.createCollection("created");
    await emails.insertOne({ _id: 1 });
    const names = async () =>
      (await database.listCollections().toArray()).map(({ name }) => name).sort();
    assert.deepEqual(await names(), ["created", "emails"]);
    assert.deepEqual(
      (await database.listCollections({ name: "emails" }, { nameOnly: true }).toArray())
        .map(({ name }) => name),
      ["emails"],
    );
    const { databases } = await database.admin().listDatabases();
    assert.ok(databases.some(({ name }) => name === database.databaseName));
    assert.equal(await emails.drop(), true);
    assert.deepEqual(await names(), ["created"]);
    assert.deepEqual(await emails.find({}).toArray(), []);
    await rejectsWith(database.command({ listIndexes: "emails" }), 26);
  },
);

contract("an unknown command is refused with CommandNotFound", async ({ database }) => {
  const error = await rejectsWith(database.command({ nonsense: 1 }), 59);
  assert.equal(error.codeName, "CommandNotFound");
});

contract(
  "an unacknowledged write is done before the next command of its connection",
  async ({ connect }) => {
    const collection = connect({ maxPoolSize: 1 }).collection<Email>("emails");
    await collection.insertOne({ _id: 1 }, { writeConcern: { w: 0 } });
    assert.deepEqual(await collection.findOne({ _id: 1 }), { _id: 1 });
  },
);

contract("a session without a transaction reads and writes", async ({ database, emails }) => {
  await database.client.withSession(async (session) => {
    await emails.insertOne({ _id: 1 }, { session });
    assert.deepEqual(await emails.findOne({ _id: 1 }, { session }), { _id: 1 });
  });
});

contract("$inc keeps int, long and double apart", async ({ connect }) => {
  const numbers = connect({ promoteValues: false }).collection<Email>("numbers");
  await numbers.insertOne({
    _id: 1,
    int: new Int32(1),
    long: Long.fromNumber(1),
    double: new Double(1),
    edge: new Int32(2147483647),
  });
  await numbers.updateOne({ _id: 1 }, {
    $inc: { int: new Int32(1), long: new Int32(1), double: new Int32(1), edge: new Int32(1) },
  });
  const stored = await numbers.findOne({ _id: 1 });
  assert.deepEqual(
    [stored?.int, stored?.long, stored?.double, stored?.edge],
    [new Int32(2), Long.fromNumber(2), new Double(2), Long.fromNumber(2147483648)],
  );
});

/** Values of every type that drivers send. */
const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  // SecantusDB knows no dates outside these years; MongoDB and the stand-in do.
  fc.date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(0, 4, 5, 128))
    .filter(([bytes, subtype]) => subtype !== 4 || bytes.length === 16)
    .map(([bytes, subtype]) => new Binary(bytes, subtype)),
  fc.integer().map((value) => Decimal128.fromString(`${value}.50`)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom("a+", "^b$").map((pattern) => new BSONRegExp(pattern, "i")),
);

const { tree: documentFields } = fc.letrec<{ tree: Record<string, unknown>; value: unknown }>((
  tie,
) => ({
  tree: fc.dictionary(
    fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/).filter((name) =>
      name !== "_id" && name !== "__proto__"
    ),
    tie("value"),
    {
      maxKeys: 6,
      noNullPrototype: true,
    },
  ),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("tree"),
  ),
}));

contract(
  "documents keep every value's BSON type, also when another field is updated",
  async ({ connect }) => {
    const documents = connect({ promoteValues: false, bsonRegExp: true }).collection<Email>(
      "documents",
    );
    await fc.assert(
      fc.asyncProperty(documentFields, async (fields) => {
        const _id = crypto.randomUUID();
        await documents.insertOne({ _id, fields });
        await documents.updateOne({ _id }, { $set: { touched: true } });
        const stored = await documents.findOne({ _id });
        assert.deepEqual(BSON.serialize({ fields: stored?.fields }), BSON.serialize({ fields }));
      }),
      { numRuns: 40 },
    );
  },
);
