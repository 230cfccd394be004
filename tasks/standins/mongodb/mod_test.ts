import assert from "node:assert/strict";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import { BSON, type Document, Long, MongoClient, MongoServerError, Timestamp } from "mongodb";
import type { StandInOptions } from "../stand_in.ts";
import { startStandInsProcess } from "../testing.ts";
import { startMongodb } from "./mod.ts";

type Item = { _id: number | string; [field: string]: unknown };

/** A stand-in and a client of it, both closed at the end of the scope. */
async function connect(options: StandInOptions = {}, clientOptions = {}) {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startMongodb({ port: 0, ...options }));
  const client = resources.use(new MongoClient(server.url, clientOptions));
  const database = client.db();
  const items = database.collection<Item>("items");
  const opened = resources.move();
  const dispose = () => opened.disposeAsync();
  return { server, client, database, items, [Symbol.asyncDispose]: dispose };
}

async function refusal(operation: Promise<unknown>): Promise<MongoServerError> {
  const error = await operation.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof MongoServerError) return error;
  throw error ?? new Error("Expected the stand-in to refuse, but it did not");
}

integrationTest("startMongodb() has every acknowledged write after kill -9", async () => {
  await using folder = await temporaryFolder();
  const acknowledged: number[] = [];
  {
    await using server = await startStandInsProcess(["mongodb"], folder.path);
    await using client = new MongoClient(server.variables.MONGODB_URL ?? "");
    await client.db("other").createCollection("empty");
    const items = client.db().collection<Item>("items");
    const writing = (async () => {
      for (let n = 0;; n++) {
        await items.updateOne({ _id: n }, { $setOnInsert: { n } }, { upsert: true });
        acknowledged.push(n);
      }
    })();
    const stopped = assert.rejects(writing);
    await waitFor("200 writes are acknowledged", () => acknowledged.length >= 200);
    await server.kill();
    await stopped;
  }
  await using opened = await connect({ stateDirectory: folder.path });
  const { client, items } = opened;
  const stored = await items.distinct("_id");
  assert.deepEqual(acknowledged.filter((n) => !stored.includes(n)), []);
  // At most the write in progress is stored without its acknowledgement.
  assert.ok(stored.length <= acknowledged.length + 1);
  assert.equal((await refusal(items.insertOne({ _id: 1 }))).code, 11000);
  const others = await client.db("other").listCollections().toArray();
  assert.deepEqual(others.map(({ name }) => name), ["empty"]);
});

integrationTest("startMongodb() refuses unsupported features with MongoDB's codes", async () => {
  await using opened = await connect();
  const { client, database, items } = opened;
  const before = { _id: 1, list: [1, 2], more: [1, 2] };
  await items.insertOne(before);
  const update = { $set: { a: 1 } };
  const change = (update: Document) => items.updateOne({}, update);
  const match = (filter: Document) => items.find(filter).toArray();
  const find = (options: Document) => database.command({ find: "items", ...options });
  const aggregate = (...pipeline: Document[]) => items.aggregate(pipeline).toArray();
  const refusals: readonly (readonly [number, RegExp, () => Promise<unknown>])[] = [
    [2, /\$expr/, () => match({ $expr: { $eq: ["$a", 1] } })],
    [2, /regex/, () => match({ a: /(a+)+$/ })],
    [2, /regex/, () => match({ a: { $in: [/a/] } })],
    [2, /operator b/, () => match({ a: { $gt: 1, b: 2 } })],
    [2, /\$elemMatch/, () => match({ a: { $elemMatch: { $gt: 1 } } })],
    [9, /\$inc/, () => change({ $inc: { n: 1 } })],
    [9, /array/, () => items.updateOne({}, [{ $set: { a: 1 } }])],
    [238, /positional/, () => change({ $set: { "list.$[].b": 2 } })],
    [2, /\$slice/, () => change({ $push: { list: { $each: [1], $slice: 1 } } })],
    [15, /levels/, () => change({ $set: { ["a.".repeat(200) + "b"]: 1 } })],
    [2, /backfill/, () => change({ $set: { "list.9999999": 1 } })],
    [40415, /arrayFilters/, () => items.updateOne({}, update, { arrayFilters: [{ x: 1 }] })],
    [40415, /collation/, () => items.find({}).collation({ locale: "de" }).toArray()],
    [238, /computes/, () => find({ projection: { a: { $slice: 1 } } })],
    [31250, /collision/, () => find({ projection: { a: 1, "a.b": 1 } })],
    [2, /not object/, () => find({ sort: { a: { $meta: "textScore" } } })],
    [16410, /\$natural/, () => find({ sort: { $natural: 1 } })],
    [238, /position/, () => find({ sort: { "list.0": 1 } })],
    [2, /parallel/, () => find({ sort: { list: 1, more: 1 } })],
    [51024, /limit/, () => find({ limit: -1 })],
    [16, /batch sizes/, () => database.command({ insert: "items", documents: [] })],
    [15, /levels/, () => items.insertOne({ _id: 2, nested: nestedDocument(300) })],
    [238, /timestamp/, () => items.insertOne({ _id: 2, at: new Timestamp({ t: 0, i: 0 }) })],
    [59, /createIndexes/, () => items.createIndex({ at: 1 }, { expireAfterSeconds: 60 })],
    [238, /pipeline/, () => aggregate({ $match: {} }, { $group: { _id: "$a", n: { $sum: 1 } } })],
    [40415, /apiVersion/, () => database.command({ ping: 1, apiVersion: "1" })],
    [2, /replicated/, () => items.insertOne({ _id: 2 }, { writeConcern: { w: 2 } })],
    [40415, /writeConcern/, () => find({ writeConcern: { x: 1 } })],
    [123, /read concern/, () => find({ readConcern: { level: "snapshot" } })],
    [20, /Transaction numbers/, () => find({ txnNumber: Long.fromNumber(1) })],
  ];
  for (const [code, message, operation] of refusals) {
    const error = await refusal(operation());
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }
  await assert.rejects(
    client.withSession((session) =>
      session.withTransaction(() => items.insertOne({ _id: 2 }, { session }))
    ),
  );
  assert.deepEqual(await items.find().toArray(), [before]);
});

function nestedDocument(depth: number): Document {
  return depth === 0 ? {} : { nested: nestedDocument(depth - 1) };
}

integrationTest("startMongodb() refuses authentication and names the way out", async () => {
  await using opened = await connect();
  const url = opened.server.url.replace("mongodb://", "mongodb://user:password@");
  await using client = new MongoClient(url, { serverSelectionTimeoutMS: 5000 });
  await assert.rejects(client.db().command({ ping: 1 }), /leave user name and password out/);
});

integrationTest("documents keep the order of their fields and dates of all times", async () => {
  await using opened = await connect({}, { raw: true });
  const { database, items } = opened;
  // BSON keeps the order of numeric names, which JavaScript's objects do not.
  const document = new Map<string, unknown>([
    ["_id", 1],
    ["z", new Date("9999-12-31T23:59:59.999Z")],
    ["10", new Map([["2", "two"], ["1", "one"]])],
    ["9", new Date("0001-01-01T00:00:00Z")],
    ["__proto__", null],
  ]);
  await database.command({ insert: "items", documents: [document] });
  // New fields come last, in the order of their names; positions in numeric order.
  const $set = { "10.0": "new", "y.10": 1, "y.9": 2, x: 3, 1: 4 };
  await items.updateOne({}, { $set });
  const [stored]: readonly unknown[] = await items.find().toArray();
  assert.ok(stored instanceof Uint8Array);
  const expected = new Map(document);
  expected.set("10", new Map([["2", "two"], ["1", "one"], ["0", "new"]]));
  expected.set("1", 4).set("x", 3).set("y", new Map([["9", 2], ["10", 1]]));
  assert.deepEqual([...stored], [...BSON.serialize(expected)]);
});

integrationTest("maxTimeMS ends a command, and the batches of its cursor", async () => {
  await using opened = await connect();
  const { items } = opened;
  const list = Array.from({ length: 1_000 }, (_, n) => n);
  await items.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: n, list })));
  const never = { $or: Array.from({ length: 200 }, (_, n) => ({ list: { $gt: 1e6 + n } })) };
  for (
    const operation of [
      () => items.find(never, { maxTimeMS: 5 }).toArray(),
      () => items.countDocuments(never, { maxTimeMS: 5 }),
      () => items.distinct("list", never, { maxTimeMS: 5 }),
      () => items.find({}, { maxTimeMS: 5, batchSize: 1 }).sort({ list: -1 }).toArray(),
    ]
  ) {
    assert.equal((await refusal(operation())).code, 50);
  }
});

integrationTest("a hostile query blocks others only briefly (alone)", async () => {
  await using opened = await connect();
  const { database, items } = opened;
  const list = Array.from({ length: 50_000 }, (_, n) => n);
  // One by one: the time of a command is limited.
  for (const _id of [1, 2, 3]) await items.insertOne({ _id, list });
  const conditions = Array.from({ length: 20_000 }, (_, n) => ({ list: { $gt: 1e9 + n } }));
  const hostile = refusal(items.find({ $or: conditions }).toArray());
  const startMs = performance.now();
  await database.command({ ping: 1 });
  assert.ok(performance.now() - startMs < 2_000);
  assert.equal((await hostile).code, 50);
});
