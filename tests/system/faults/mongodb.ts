import { deepEqual, equal, rejects } from "node:assert/strict";
import { type Collection, MongoClient, type MongoClientOptions, MongoServerError } from "mongodb";
import { type Bench, delays, type FaultChecks } from "../../fixture/faults.ts";

async function withCollection(
  { variables }: Bench,
  run: (collection: Collection) => Promise<void>,
  options: MongoClientOptions = {},
): Promise<void> {
  await using client = new MongoClient(variables.MONGODB_URL ?? "", options);
  await run(client.db().collection("faults"));
}

export const MONGODB_CHECKS: FaultChecks<"mongodb"> = {
  async "mongodb.down"(bench) {
    await withCollection(bench, async (collection) => {
      await collection.insertOne({});
      await bench.set("mongodb.down");
      await rejects(collection.insertOne({}));
    });
    // With the driver's own limit this would take half a minute.
    const options = { serverSelectionTimeoutMS: 500 };
    await withCollection(bench, async (collection) => {
      await rejects(collection.insertOne({}));
    }, options);
    await bench.clear("mongodb.down");
    await withCollection(bench, async (collection) => {
      equal(await collection.countDocuments(), 1);
    });
  },
  async "mongodb.error"(bench) {
    await withCollection(bench, async (collection) => {
      for (const value of ["OutOfDiskSpace", "InterruptedAtShutdown", "Unauthorized"]) {
        await bench.set("mongodb.error", { value });
        const failure = (error: unknown) =>
          error instanceof MongoServerError && error.codeName === value;
        await rejects(collection.insertOne({}), failure);
        await rejects(collection.find().toArray(), failure);
      }
      await bench.clear("mongodb.error");
      deepEqual(await collection.find().toArray(), []);
    });
  },
  async "mongodb.not-primary"(bench) {
    await withCollection(bench, async (collection) => {
      await bench.set("mongodb.not-primary");
      await rejects(
        collection.insertOne({}),
        (error) => error instanceof MongoServerError && error.codeName === "NotWritablePrimary",
      );
      deepEqual(await collection.find().toArray(), []);
    });
  },
  "mongodb.delay": delays(
    "mongodb.delay",
    (bench) => withCollection(bench, async (collection) => void await collection.insertOne({})),
  ),
};
