import assert from "node:assert/strict";
import { contract, type Email, rejectsWith } from "../../fixture/mongodb.ts";

contract("hello says that the server takes writes, and of what size", async ({ database }) => {
  const hello = await database.admin().command({ hello: 1 });
  assert.equal(hello.isWritablePrimary, true);
  assert.equal(hello.maxBsonObjectSize, 16 * 1024 * 1024);
  assert.ok(hello.maxWireVersion >= 21);
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
    assert.deepEqual((await emails.indexes()).map(({ name }) => name), ["_id_"]);
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
