import assert from "node:assert/strict";
import { integrationTest, startDeno, waitFor } from "@playground/shared/testing";
import { BSON, type Document, Long, MongoClient, MongoServerError, Timestamp } from "mongodb";
import { type StandInOptions, startMongodb } from "./mod.ts";

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
  await using folder = new AsyncDisposableStack();
  const stateDirectory = await Deno.makeTempDir();
  folder.defer(() => Deno.remove(stateDirectory, { recursive: true }));
  const acknowledged: number[] = [];
  {
    const main = new URL("./main.ts", import.meta.url).pathname;
    await using child = startDeno(["run", "-A", main, "--port=0", `--state=${stateDirectory}`]);
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!printed.includes(";")) printed += (await output.read()).value ?? ";";
    await using client = new MongoClient(/mongodb:[^;]+/.exec(printed)?.[0] ?? printed);
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
    child.kill("SIGKILL");
    await stopped;
    await Promise.all([output.cancel(), child.stderr.cancel()]);
  }
  await using opened = await connect({ stateDirectory });
  const { client, items } = opened;
  const stored = await items.distinct("_id");
  assert.deepEqual(acknowledged.filter((n) => !stored.includes(n)), []);
  // At most the write that was under way is there without its acknowledgement.
  assert.ok(stored.length <= acknowledged.length + 1);
  assert.equal((await refusal(items.insertOne({ _id: 1 }))).code, 11000);
  const others = await client.db("other").listCollections().toArray();
  assert.deepEqual(others.map(({ name }) => name), ["empty"]);
});

integrationTest("startMongodb() refuses what it does not have with MongoDB's codes", async () => {
  await using opened = await connect();
  const { client, database, items } = opened;
  const before = { _id: 1, list: [1, 2], more: [1, 2] };
  await items.insertOne(before);
  const update = { $set: { a: 1 } };
  const list = Array.from({ length: 33 }, (_, n) => n);
  const change = (update: Document) => items.updateOne({}, update);
  const match = (filter: Document) => items.find(filter).toArray();
  const find = (options: Document) => database.command({ find: "items", ...options });
  const aggregate = (...pipeline: Document[]) => items.aggregate(pipeline).toArray();
  const more = async () => {
    await items.insertMany([{ _id: 2 }, { _id: 3 }]);
    const { cursor } = await database.command({ find: "items", batchSize: 1 }, {
      promoteLongs: false,
    });
    await items.deleteMany({ _id: { $ne: 1 } });
    await database.command({ getMore: cursor.id, collection: "items", maxTimeMS: 5 });
  };
  const refusals: readonly (readonly [number, RegExp, () => Promise<unknown>])[] = [
    [238, /\$text/, () => match({ $text: { $search: "hello" } })],
    [238, /\$expr/, () => match({ $expr: { $eq: ["$a", 1] } })],
    [238, /\$where/, () => match({ $where: "sleep(1000)" })],
    [238, /\$mod/, () => match({ a: { $mod: [2, 1] } })],
    [238, /\$regex/, () => match({ a: { $regex: "(a+)+$" } })],
    [238, /regular/, () => match({ a: /(a+)+$/ })],
    [238, /regular/, () => match({ a: { $in: [/a/] } })],
    [2, /regex/, () => match({ a: { $ne: /a/ } })],
    [2, /regex/, () => match({ a: { $gt: /a/ } })],
    [2, /nest/, () => match({ a: { $in: [{ $gt: 1 }] } })],
    [2, /unknown operator: b/, () => match({ a: { $gt: 1, b: 2 } })],
    [9, /type/, () => match({ a: { $type: [] } })],
    [2, /\$size/, () => match({ a: { $size: -1 } })],
    [238, /\$inc/, () => change({ $inc: { n: 1 } })],
    [238, /\$rename/, () => change({ $rename: { a: "b" } })],
    [238, /pipeline/, () => items.updateOne({}, [{ $set: { a: 1 } }])],
    [238, /positional/, () => change({ $set: { "list.$": 2 } })],
    [238, /positional/, () => change({ $set: { "list.$[].b": 2 } })],
    [238, /\$slice/, () => change({ $push: { list: { $each: [1], $slice: 1 } } })],
    [2, /\$nonsense/, () => change({ $push: { list: { $each: [1], $nonsense: 1 } } })],
    [9, /modifier/, () => change({ $set: { a: 1 }, b: 1 })],
    [9, /no document/, () => change({ $set: 1 })],
    [15, /levels/, () => change({ $set: { ["a.".repeat(200) + "b"]: 1 } })],
    [2, /backfill/, () => change({ $set: { "list.9999999": 1 } })],
    [238, /arrayFilters/, () => items.updateOne({}, update, { arrayFilters: [{ x: 1 }] })],
    [238, /hint/, () => items.updateOne({}, update, { hint: "_id_" })],
    [238, /hint/, () => items.deleteOne({}, { hint: "_id_" })],
    [238, /hint/, () => items.find({}).hint("_id_").toArray()],
    [238, /min/, () => items.find({}).min({ a: 1 }).toArray()],
    [238, /collation/, () => items.find({}).collation({ locale: "de" }).toArray()],
    [238, /noCursorTimeout/, () => find({ noCursorTimeout: true })],
    [238, /computes/, () => find({ projection: { a: { $slice: 1 } } })],
    [238, /computes/, () => find({ projection: { a: "$list" } })],
    [31250, /collision/, () => find({ projection: { a: 1, "a.b": 1 } })],
    [238, /\$meta/, () => find({ sort: { a: { $meta: "textScore" } } })],
    [238, /\$natural/, () => find({ sort: { $natural: 1 } })],
    [13103, /compound/, () => find({ sort: Object.fromEntries(list.map((n) => [`f${n}`, 1])) })],
    [2, /parallel/, () => find({ sort: { list: 1, more: 1 } })],
    [2, /ascending/, () => find({ sort: { a: 2 } })],
    [40415, /find.nonsense/, () => find({ nonsense: 1 })],
    [51024, /limit/, () => find({ limit: -1 })],
    [2, /maxTimeMS on getMore/, more],
    [16, /batch sizes/, () => database.command({ insert: "items", documents: [] })],
    [15, /levels/, () => items.insertOne({ _id: 2, nested: nestedDocument(300) })],
    [238, /timestamp/, () => items.insertOne({ _id: 2, at: new Timestamp({ t: 0, i: 0 }) })],
    [238, /findAndModify/, () => items.findOneAndUpdate({}, update)],
    [238, /createIndexes/, () => items.createIndex({ at: 1 }, { expireAfterSeconds: 60 })],
    [238, /dropIndexes/, () => items.dropIndex("at_1")],
    [238, /explain/, () => items.find({}).explain()],
    [238, /pipeline/, () => aggregate({ $match: {} })],
    [238, /pipeline/, () => aggregate({ $match: {} }, { $group: { _id: "$a", n: { $sum: 1 } } })],
    [238, /pipeline/, () => aggregate({ $out: "other" })],
    [238, /validator/, () => database.createCollection("v", { validator: { a: 1 } })],
    [238, /capped/, () => database.createCollection("c", { capped: true, size: 1000 })],
    [238, /pipeline/, () => items.watch().next()],
    [238, /apiVersion/, () => database.command({ ping: 1, apiVersion: "1" })],
    [2, /replicated/, () => items.insertOne({ _id: 2 }, { writeConcern: { w: 2 } })],
    [40415, /writeConcern.x/, () => find({ writeConcern: { x: 1 } })],
    [123, /replica set/, () => find({ readConcern: { level: "snapshot" } })],
    [20, /Transaction numbers/, () => find({ txnNumber: Long.fromNumber(1) })],
    [20, /Transaction numbers/, () => client.db("admin").command({ commitTransaction: 1 })],
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

integrationTest("startMongodb() understands what mongosh sends", async () => {
  await using opened = await connect({}, { appName: "mongosh" });
  const [admin, mails] = [opened.client.db("admin"), opened.client.db("mails")];
  await mails.command({ insert: "raw", documents: [{ _id: 1 }], ordered: true });
  const databases = { listDatabases: 1, nameOnly: true, authorizedDatabases: true };
  const collections = { listCollections: 1, filter: {}, cursor: {}, nameOnly: true };
  assert.deepEqual((await admin.command(databases)).databases, [{ name: "mails" }]);
  const firstBatch = async (command: Document) => (await mails.command(command)).cursor.firstBatch;
  const listed = await firstBatch({ ...collections, authorizedCollections: true });
  assert.deepEqual(listed, [{ name: "raw", type: "collection" }]);
  const indexes = await firstBatch({ listIndexes: "raw", cursor: {} });
  assert.deepEqual(indexes, [{ v: 2, key: { _id: 1 }, name: "_id_" }]);
  assert.deepEqual(await firstBatch({ find: "raw", filter: {}, sort: { _id: -1 }, limit: 20 }), [
    { _id: 1 },
  ]);
  assert.equal((await mails.command({ count: "raw", query: {} })).n, 1);
  assert.equal((await mails.command({ dropDatabase: 1 })).dropped, "mails");
  // What it asks when it connects, and goes on without.
  for (const command of ["getParameter", "getCmdLineOpts", "getLog", "atlasVersion"]) {
    assert.equal((await refusal(admin.command({ [command]: 1 }))).code, 59);
  }
});

integrationTest("documents keep the order of their fields and dates of all times", async () => {
  await using opened = await connect({}, { raw: true });
  const { database, items } = opened;
  // BSON has an order where JavaScript's objects have none: that of names which are numbers.
  const document = new Map<string, unknown>([
    ["_id", 1],
    ["z", new Date("9999-12-31T23:59:59.999Z")],
    ["10", new Map([["2", "two"], ["1", "one"]])],
    ["9", new Date("0001-01-01T00:00:00Z")],
    ["__proto__", null],
  ]);
  await database.command({ insert: "items", documents: [document] });
  // What is new comes behind, in the order of the names; positions in that of their numbers.
  const $set = { "10.0": "new", "y.10": 1, "y.9": 2, x: 3, 1: 4 };
  await items.updateOne({}, { $set });
  const [stored]: readonly unknown[] = await items.find().toArray();
  assert.ok(stored instanceof Uint8Array);
  const expected = new Map(document);
  expected.set("10", new Map([["2", "two"], ["1", "one"], ["0", "new"]]));
  expected.set("1", 4).set("x", 3).set("y", new Map([["9", 2], ["10", 1]]));
  assert.deepEqual([...stored], [...BSON.serialize(expected)]);
});

integrationTest("an array that a position names sorts by its smallest element", async () => {
  await using opened = await connect();
  await opened.items.insertMany([{ _id: 1, a: [1, 5] }, { _id: 2, a: [[0, 2], 9] }]);
  const sorted = await opened.items.find().sort({ "a.0": 1 }).toArray();
  assert.deepEqual(sorted.map(({ _id }) => _id), [2, 1]);
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

integrationTest("a hostile query holds nobody else for long (alone)", async () => {
  await using opened = await connect();
  const { database, items } = opened;
  const list = Array.from({ length: 50_000 }, (_, n) => n);
  await items.insertMany(Array.from({ length: 3 }, (_, n) => ({ _id: n, list })));
  const conditions = Array.from({ length: 20_000 }, (_, n) => ({ list: { $gt: 1e9 + n } }));
  const hostile = refusal(items.find({ $or: conditions }).toArray());
  const startMs = performance.now();
  await database.command({ ping: 1 });
  assert.ok(performance.now() - startMs < 2_000);
  assert.equal((await hostile).code, 50);
});

integrationTest("a cursor over a collection that is dropped fails", async () => {
  await using opened = await connect();
  const { items } = opened;
  await items.insertMany(Array.from({ length: 3 }, (_, n) => ({ _id: n })));
  const cursor = items.find().batchSize(1);
  await cursor.next();
  await items.drop();
  assert.equal((await refusal(cursor.toArray())).code, 175);
});
