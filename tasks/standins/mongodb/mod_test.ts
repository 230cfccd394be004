import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { BSON, type Document, Double, Long, MongoClient, MongoServerError } from "mongodb";
import { startMongodb } from "./mod.ts";

type Item = { _id: number | string; [field: string]: unknown };

/** Connects to a stand-in; the client is closed at the end of the scope. */
function connect(
  url: string,
  options: Record<string, unknown> = {},
): MongoClient & AsyncDisposable {
  return new MongoClient(url, { serverSelectionTimeoutMS: 5000, ...options });
}

async function refusal(operation: Promise<unknown>): Promise<MongoServerError> {
  const error = await operation.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof MongoServerError) return error;
  throw error ?? new Error("Expected the stand-in to refuse, but it did not");
}

async function eventually(condition: () => Promise<boolean>, timeLimitMs = 5000): Promise<void> {
  const deadline = Date.now() + timeLimitMs;
  while (!await condition()) {
    assert.ok(Date.now() < deadline, "The condition did not become true in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

integrationTest("startMongodb() finds documents again after a restart", async () => {
  const stateDirectory = await Deno.makeTempDir();
  try {
    {
      await using server = await startMongodb({ port: 0, stateDirectory });
      await using client = connect(server.url);
      const items = client.db().collection<Item>("items");
      await items.insertOne({ _id: 1, key: "a", long: Long.fromNumber(1), double: new Double(1) });
      await client.db("other").createCollection("empty");
    }
    await using server = await startMongodb({ port: 0, stateDirectory });
    await using client = connect(server.url, { promoteValues: false });
    const items = client.db().collection<Item>("items");
    const stored = await items.findOne({ _id: 1 });
    assert.deepEqual([stored?.long, stored?.double], [Long.fromNumber(1), new Double(1)]);
    assert.equal(Number((await refusal(items.insertOne({ _id: 1 }))).code), 11000);
    const others = await client.db("other").listCollections().toArray();
    assert.deepEqual(others.map(({ name }) => name), ["empty"]);
  } finally {
    await Deno.remove(stateDirectory, { recursive: true });
  }
});

integrationTest("startMongodb() has every acknowledged write after kill -9", async () => {
  const stateDirectory = await Deno.makeTempDir();
  try {
    const acknowledged: number[] = [];
    {
      await using child = await startChild(stateDirectory);
      await using client = connect(child.url);
      const items = client.db().collection<Item>("items");
      const writing = (async () => {
        for (let n = 0;; n++) {
          await items.updateOne({ _id: n }, { $setOnInsert: { n } }, { upsert: true });
          acknowledged.push(n);
        }
      })();
      const stopped = assert.rejects(writing);
      await eventually(() => Promise.resolve(acknowledged.length >= 200));
      child.kill();
      await stopped;
    }
    await using server = await startMongodb({ port: 0, stateDirectory });
    await using client = connect(server.url);
    const stored = await client.db().collection<Item>("items").distinct("_id");
    const lost = acknowledged.filter((n) => !stored.includes(n));
    assert.deepEqual(lost, []);
    // At most the write that was under way is there without its acknowledgement.
    assert.ok(stored.length <= acknowledged.length + 1);
  } finally {
    await Deno.remove(stateDirectory, { recursive: true });
  }
});

/** The stand-in as a process of its own, which can be killed. */
async function startChild(
  stateDirectory: string,
): Promise<AsyncDisposable & { readonly url: string; readonly kill: () => void }> {
  const main = new URL("./main.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-net=127.0.0.1",
      "--allow-read",
      "--allow-write",
      main,
      "--port",
      "0",
      "--state",
      stateDirectory,
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let output = "";
  let url: string | undefined;
  while (url === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The stand-in ended before it listened: ${output}`);
    output += value;
    url = /mongodb:\/\/[^;]+/.exec(output)?.[0];
  }
  return {
    url,
    kill: () => child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      await reader.cancel();
      await child.status;
    },
  };
}

integrationTest("startMongodb() refuses what it does not have with MongoDB's codes", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url);
  const database = client.db();
  const items = database.collection<Item>("items");
  const before = { _id: 1, list: [1] };
  await items.insertOne(before);
  const update = { $set: { a: 1 } };
  const increment: Document = { $inc: { n: 1 } };
  const find = (options: Document) => database.command({ find: "items", ...options });
  const aggregate = (...pipeline: Document[]) => items.aggregate(pipeline).toArray();
  const refusals: readonly (readonly [number, RegExp, () => Promise<unknown>])[] = [
    [238, /\$text/, () => items.find({ $text: { $search: "hello" } }).toArray()],
    [238, /\$expr/, () => items.find({ $expr: { $eq: ["$a", 1] } }).toArray()],
    [238, /regular/, () => items.findOne({ a: /(a+)+$/ })],
    [238, /\$inc/, () => items.updateOne({}, increment)],
    [238, /pipeline/, () => items.updateOne({}, [{ $set: { a: 1 } }])],
    [238, /positional/, () => items.updateOne({ list: 1 }, { $set: { "list.$": 2 } })],
    [238, /arrayFilters/, () => items.updateOne({}, update, { arrayFilters: [{ x: 1 }] })],
    [238, /hint/, () => items.updateOne({}, update, { hint: "_id_" })],
    [238, /hint/, () => items.deleteOne({}, { hint: "_id_" })],
    [238, /hint/, () => items.find({}).hint("_id_").toArray()],
    [238, /min/, () => items.find({}).min({ a: 1 }).toArray()],
    [238, /collation/, () => items.find({}).collation({ locale: "de" }).toArray()],
    [238, /noCursorTimeout/, () => find({ noCursorTimeout: true })],
    [238, /computes/, () => items.findOne({}, { projection: { a: { $slice: 1 } } })],
    [238, /computes/, () => items.findOne({}, { projection: { a: "$list" } })],
    [31250, /collision/, () => items.findOne({}, { projection: { a: 1, "a.b": 1 } })],
    [40415, /find.nonsense/, () => find({ nonsense: 1 })],
    [51024, /limit/, () => find({ limit: -1 })],
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
    [2, /replicated/, () => items.insertOne({ _id: 2 }, { writeConcern: { w: 2 } })],
    [123, /replica set/, () => find({ readConcern: { level: "snapshot" } })],
    [20, /Transaction numbers/, () => find({ txnNumber: Long.fromNumber(1) })],
    [20, /Transaction numbers/, () => client.db("admin").command({ commitTransaction: 1 })],
  ];
  for (const [code, message, operation] of refusals) {
    const error = await refusal(operation());
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }
  assert.deepEqual(await items.find().toArray(), [before]);
});

integrationTest("startMongodb() refuses transactions, through the driver too", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url);
  const items = client.db().collection<Item>("items");
  await assert.rejects(
    client.withSession((session) =>
      session.withTransaction(() => items.insertOne({ _id: 1 }, { session }))
    ),
  );
  assert.equal(await items.countDocuments({}), 0);
});

integrationTest("startMongodb() refuses authentication and names the way out", async () => {
  await using server = await startMongodb({ port: 0 });
  const url = server.url.replace("mongodb://", "mongodb://user:password@");
  await using client = connect(url);
  await assert.rejects(client.db().command({ ping: 1 }), /leave user name and password out/);
});

integrationTest("startMongodb() understands what mongosh sends", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url, { appName: "mongosh" });
  const [admin, mails] = [client.db("admin"), client.db("mails")];
  await mails.command({ insert: "raw", documents: [{ _id: 1 }], ordered: true });
  const databases = { listDatabases: 1, nameOnly: true, authorizedDatabases: true };
  const collections = { listCollections: 1, filter: {}, cursor: {}, nameOnly: true };
  assert.deepEqual((await admin.command(databases)).databases, [{ name: "mails" }]);
  const listed = await mails.command({ ...collections, authorizedCollections: true });
  assert.deepEqual(listed.cursor.firstBatch, [{ name: "raw", type: "collection" }]);
  const indexes = await mails.command({ listIndexes: "raw", cursor: {} });
  assert.deepEqual(indexes.cursor.firstBatch, [{ v: 2, key: { _id: 1 }, name: "_id_" }]);
  const found = await mails.command({ find: "raw", filter: {}, sort: { _id: -1 }, limit: 20 });
  assert.deepEqual(found.cursor.firstBatch, [{ _id: 1 }]);
  assert.equal((await mails.command({ count: "raw", query: {} })).n, 1);
  assert.equal((await mails.command({ dropDatabase: 1 })).dropped, "mails");
  // What it asks when it connects, and goes on without.
  for (const command of ["getParameter", "getCmdLineOpts", "getLog", "atlasVersion"]) {
    assert.equal((await refusal(admin.command({ [command]: 1 }))).code, 59);
  }
});

integrationTest("documents keep the order of their fields and dates of all times", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url, { raw: true });
  const items = client.db().collection("items");
  // BSON has an order where JavaScript's objects have none: that of names which are numbers.
  const document = new Map<string, unknown>([
    ["_id", 1],
    ["z", new Date("9999-12-31T23:59:59.999Z")],
    ["10", new Map([["2", "two"], ["1", "one"]])],
    ["9", new Date("0001-01-01T00:00:00Z")],
    ["__proto__", null],
  ]);
  await client.db().command({ insert: "items", documents: [document] });
  await items.updateOne({}, { $set: { "10.0": "new" } });
  const [stored]: readonly unknown[] = await items.find().toArray();
  assert.ok(stored instanceof Uint8Array);
  const expected = new Map(document);
  expected.set("10", new Map([["2", "two"], ["1", "one"], ["0", "new"]]));
  assert.deepEqual([...stored], [...BSON.serialize(expected)]);
});

integrationTest("maxTimeMS ends a command, and the batches of its cursor", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url);
  const items = client.db().collection<Item>("items");
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

integrationTest("a hostile query holds nobody else for long", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url);
  const items = client.db().collection<Item>("items");
  const list = Array.from({ length: 50_000 }, (_, n) => n);
  await items.insertMany(Array.from({ length: 3 }, (_, n) => ({ _id: n, list })));
  const conditions = Array.from({ length: 20_000 }, (_, n) => ({ list: { $gt: 1e9 + n } }));
  const hostile = refusal(items.find({ $or: conditions }).toArray());
  const startMs = performance.now();
  await client.db().command({ ping: 1 });
  assert.ok(performance.now() - startMs < 2_000);
  assert.equal((await hostile).code, 50);
});

integrationTest("a document that is nested too deeply is refused", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url);
  let nested: Document = {};
  for (let depth = 0; depth < 300; depth++) nested = { nested };
  const insertion = client.db().collection<Item>("items").insertOne({ _id: 1, nested });
  assert.equal((await refusal(insertion)).code, 15);
});

integrationTest("a cursor that is idle for too long is closed", async () => {
  await using server = await startMongodb({ port: 0, sweepIntervalMs: 10, cursorIdleMs: 10 });
  await using client = connect(server.url);
  const database = client.db();
  await database.collection<Item>("items").insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  const { cursor } = await database.command({ find: "items", batchSize: 1 }, {
    promoteLongs: false,
  });
  await eventually(async () => {
    const killed = await database.command({ killCursors: "items", cursors: [cursor.id] });
    return killed.cursorsNotFound.length === 1;
  });
});
