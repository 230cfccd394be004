import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel } from "amqplib";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { openStore } from "../sqlite.ts";
import { Broker } from "./broker.ts";
import { encodeFrame, FRAME_TYPE } from "./codec.ts";
import { STORE_SCHEMA } from "./store.ts";
import { type Client, connectClient, QUORUM, socketOf, until } from "./testing.ts";

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

/** Frames that are queued: much more than what the sockets of both sides hold. */
const QUEUED = Buffer.concat(
  Array(320).fill(encodeFrame(FRAME_TYPE.body, 1, Buffer.alloc(125_000))),
);

/** Has a client say something and what is queued behind it, and only then hear what the broker says. */
function sayBeforeHearing({ model }: Client, bytes: Uint8Array): void {
  const socket = socketOf(model);
  socket.pause();
  socket.write(bytes);
  socket.write(QUEUED, () => socket.resume());
}

integrationTest("Connection reads what is queued after its client closed it", async () => {
  await using broker = await startBroker();
  const client = await connectClient(broker.url);
  const closed = client.model.close().then(() => "closed");
  sayBeforeHearing(client, Buffer.alloc(0));
  assert.equal(await Promise.race([closed, client.failure]), "closed");
});

integrationTest("Connection reads what is queued after the broker closed it", async () => {
  await using broker = await startBroker();
  await using client = await connectClient(broker.url);
  // What is no frame ends the connection.
  sayBeforeHearing(client, encodeFrame(9, 1, Buffer.alloc(1)));
  assert.match(await client.failure, /FRAME_ERROR/);
});
