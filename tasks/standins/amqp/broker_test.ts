import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel } from "amqplib";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { openStore } from "../sqlite.ts";
import { Broker } from "./broker.ts";
import { STORE_SCHEMA } from "./store.ts";
import { connectClient, QUORUM, RawClient, until } from "./testing.ts";

const BODY = Buffer.alloc(50_000);

/** Publishes until the broker takes no more. Returns how many messages it confirmed. */
async function fillUp(channel: ConfirmChannel): Promise<number> {
  const closed = new Promise<boolean>((resolve) => channel.once("close", () => resolve(false)));
  for (let confirmedCount = 0;; confirmedCount++) {
    const confirmed = new Promise<boolean>((resolve) => {
      channel.sendToQueue("work", BODY, { persistent: true }, (error) => resolve(error === null));
    });
    if (!await Promise.race([confirmed, closed])) return confirmedCount;
  }
}

/** A broker whose database a test can lay its hands on. */
async function startBroker() {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(openStore("amqp", undefined, STORE_SCHEMA));
  const account = { user: "guest", password: "guest" };
  const broker = stack.use(new Broker({ database, account, faults: new Faults() }));
  const url = `amqp://guest:guest@127.0.0.1:${await broker.listen(0)}`;
  const started = stack.move();
  return { url, database, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

integrationTest("Broker recovers from a full disk when there is room again", async () => {
  await using broker = await startBroker();
  const { url, database } = broker;
  // SQLite then fails as it does with ENOSPC: SQLITE_FULL (https://www.sqlite.org/pragma.html#pragma_max_page_count).
  database.exec("PRAGMA max_page_count = 150");
  let confirmedCount = 0;
  {
    await using client = await connectClient(url);
    await client.channel.assertQueue("work", { arguments: QUORUM });
    confirmedCount = await fillUp(client.channel);
    assert.ok(confirmedCount > 0);
  }
  await assert.rejects(connectClient(url), "nobody is served while it is full");

  database.exec("PRAGMA max_page_count = 100000");
  const client = await until("it serves again", () => connectClient(url).catch(() => undefined));
  await using _ = client;
  const { channel } = client;
  assert.equal((await channel.checkQueue("work")).messageCount, confirmedCount);
  channel.sendToQueue("work", BODY, { persistent: true });
  await channel.waitForConfirms();
  assert.equal((await channel.checkQueue("work")).messageCount, confirmedCount + 1);
});

/** Much more than what the sockets of both sides hold. */
const QUEUED_BYTES = 40_000_000;

for (
  const [who, end] of [
    ["the client", (client: RawClient) => {
      const fields = { replyCode: 200, replyText: "", classId: 0, methodId: 0 };
      return client.send("ConnectionClose", 0, fields);
    }],
    // What is no frame ends the connection.
    ["the broker", (client: RawClient) => client.sendFrame(9, 1, new Uint8Array(1))],
  ] as const
) {
  integrationTest(`Connection reads what is queued after ${who} closed it`, async () => {
    await using broker = await startBroker();
    using client = await RawClient.open(broker.url);
    await end(client);
    const isByClient = who === "the client";
    if (!isByClient) {
      await client.expect("ConnectionClose");
      await client.send("ConnectionCloseOk", 0, {});
    }
    const chunk = new Uint8Array(1_000_000);
    for (let sent = 0; sent < QUEUED_BYTES; sent += chunk.length) await client.write(chunk);
    if (isByClient) await client.expect("ConnectionCloseOk");
    assert.equal(await client.readMethod(), undefined);
  });
}
