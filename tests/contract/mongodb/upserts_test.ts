import assert from "node:assert/strict";
import { type Collection, Double, MongoServerError } from "mongodb";
import { contract, type Email, rejectsWith } from "../../fixture/mongodb.ts";

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

contract("a duplicate key names the index, its pattern and the value", async ({ emails }) => {
  await emails.insertOne({ _id: 1 });
  const error = await rejectsWith(emails.insertOne({ _id: 1 }), 11000);
  assert.deepEqual([error.keyPattern, error.keyValue], [{ _id: 1 }, { _id: 1 }]);
  assert.match(error.message, /E11000 duplicate key error collection: .*emails index: _id_/);
  // The same worth is the same value, whatever its type.
  await rejectsWith(emails.insertOne({ _id: new Double(1) }), 11000);
});

contract("a conditional upsert that lost its lock sees a duplicate key", async ({ emails }) => {
  await emails.insertOne({ _id: "lock", owner: "me" });
  await rejectsWith(
    emails.updateOne({ _id: "lock", owner: "other" }, { $set: { at: 1 } }, { upsert: true }),
    11000,
  );
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
