import { deepEqual, equal, rejects } from "node:assert/strict";
import { MongoClient, type MongoClientOptions, MongoServerError } from "mongodb";
import { type Bench, delays, type FaultChecks } from "../../fixture/faults.ts";

function open({ variables }: Bench, options: MongoClientOptions = {}): MongoClient {
  return new MongoClient(variables.MONGODB_URL ?? "", options);
}

const documentsOf = (client: MongoClient) => client.db().collection("faults");

const isFailure = (codeName: string) => (error: unknown) =>
  error instanceof MongoServerError && error.codeName === codeName;

export const MONGODB_CHECKS: FaultChecks<"mongodb"> = {
  async "mongodb.down"(bench) {
    await using client = open(bench);
    await documentsOf(client).insertOne({});
    await bench.set();
    await rejects(documentsOf(client).insertOne({}));
    // With the driver's own limit this would take half a minute.
    await using impatient = open(bench, { serverSelectionTimeoutMS: 500 });
    await rejects(documentsOf(impatient).insertOne({}));
    await bench.clear();
    await using again = open(bench);
    equal(await documentsOf(again).countDocuments(), 1);
  },
  async "mongodb.error"(bench) {
    await using client = open(bench);
    const documents = documentsOf(client);
    for (const value of ["OutOfDiskSpace", "InterruptedAtShutdown", "Unauthorized"]) {
      await bench.set({ value });
      await rejects(documents.insertOne({}), isFailure(value));
      await rejects(documents.find().toArray(), isFailure(value));
    }
    await bench.clear();
    deepEqual(await documents.find().toArray(), []);
  },
  async "mongodb.not-primary"(bench) {
    await using client = open(bench);
    await bench.set();
    await rejects(documentsOf(client).insertOne({}), isFailure("NotWritablePrimary"));
    deepEqual(await documentsOf(client).find().toArray(), []);
  },
  "mongodb.delay": delays(async (bench) => {
    await using client = open(bench);
    await documentsOf(client).insertOne({});
  }),
};
