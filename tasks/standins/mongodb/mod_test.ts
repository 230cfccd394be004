import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { Double, Long, MongoClient, MongoServerError } from "mongodb";
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

integrationTest("startMongodb() finds documents and indexes again after a restart", async () => {
  const stateDirectory = await Deno.makeTempDir();
  try {
    {
      await using server = await startMongodb({ port: 0, stateDirectory });
      await using client = connect(server.url);
      const items = client.db().collection<Item>("items");
      await items.createIndex({ key: 1 }, { unique: true });
      await items.insertOne({ _id: 1, key: "a", long: Long.fromNumber(1), double: new Double(1) });
      await client.db("other").createCollection("empty");
    }
    await using server = await startMongodb({ port: 0, stateDirectory });
    await using client = connect(server.url, { promoteValues: false });
    const items = client.db().collection<Item>("items");
    const stored = await items.findOne({ _id: 1 });
    assert.deepEqual([stored?.long, stored?.double], [Long.fromNumber(1), new Double(1)]);
    assert.equal(Number((await refusal(items.insertOne({ _id: 2, key: "a" }))).code), 11000);
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

integrationTest("startMongodb() refuses what it does not have and says so", async () => {
  await using server = await startMongodb({ port: 0 });
  await using client = connect(server.url);
  const database = client.db();
  const items = database.collection<Item>("items");
  const refusals: readonly (readonly [number, RegExp, () => Promise<unknown>])[] = [
    [67, /text indexes/, () => items.createIndex({ body: "text" })],
    [67, /2dsphere/, () => items.createIndex({ place: "2dsphere" })],
    [238, /\$text/, () => items.find({ $text: { $search: "hello" } }).toArray()],
    [238, /\$where/, () => items.find({ $where: "true" }).toArray()],
    [238, /validators/, () => database.createCollection("v", { validator: { a: 1 } })],
    [238, /capped/, () => database.createCollection("c", { capped: true, size: 1000 })],
    [238, /collations/, () => items.find({}).collation({ locale: "de" }).toArray()],
    [238, /\$out/, () => items.aggregate([{ $out: "other" }]).toArray()],
    [40573, /\$changeStream/, () => items.watch().next()],
    [
      20,
      /Transaction numbers are only allowed on a replica set member or mongos/,
      () =>
        database.command({ insert: "items", documents: [{ a: 1 }], txnNumber: Long.fromNumber(1) }),
    ],
    [20, /Transaction numbers/, () => client.db("admin").command({ commitTransaction: 1 })],
  ];
  for (const [code, message, operation] of refusals) {
    const error = await refusal(operation());
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }
  assert.equal(await items.countDocuments({}), 0);
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

integrationTest("a TTL index deletes documents whose date has passed, and no others", async () => {
  await using server = await startMongodb({ port: 0, sweepIntervalMs: 20 });
  await using client = connect(server.url);
  const items = client.db().collection<Item>("items");
  await items.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
  await items.insertMany([
    { _id: "past", at: new Date(Date.now() - 61_000) },
    { _id: "future", at: new Date(Date.now() + 60_000) },
    { _id: "revived", at: new Date(Date.now() + 60_000) },
    { _id: "no date", at: "yesterday" },
    { _id: "missing" },
  ]);
  await items.updateOne({ _id: "revived" }, { $set: { at: new Date(0) } });
  await eventually(async () => await items.countDocuments({}) === 3);
  assert.deepEqual((await items.distinct("_id")).sort(), ["future", "missing", "no date"]);
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
