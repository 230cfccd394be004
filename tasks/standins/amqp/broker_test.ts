import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConfirmChannel } from "amqplib";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { openStore } from "../sqlite.ts";
import { Broker } from "./broker.ts";
import { encodeFrame, FRAME_TYPE } from "./codec.ts";
import { startAmqpBroker } from "./mod.ts";
import { STORE_SCHEMA } from "./store.ts";
import { connectClient, QUORUM, socketOf } from "./testing.ts";

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

integrationTest("Broker recovers from a full disk when there is room again", async () => {
  using database = openStore("amqp", undefined, STORE_SCHEMA);
  const account = { user: "guest", password: "guest" };
  await using broker = new Broker({ database, account, faults: new Faults() });
  const url = `amqp://127.0.0.1:${await broker.listen(0)}`;
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
  await using client = await connectClient(url);
  const { channel } = client;
  assert.equal((await channel.checkQueue("work")).messageCount, confirmedCount);
  channel.sendToQueue("work", BODY, { persistent: true });
  await channel.waitForConfirms();
  assert.equal((await channel.checkQueue("work")).messageCount, confirmedCount + 1);
});

integrationTest("Connection reads what is queued after the broker closed it", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  await using client = await connectClient(broker.url);
  const socket = socketOf(client.model);
  socket.pause();
  // Anything but a frame ends the connection. Behind it, far more than both sides' socket buffers hold.
  socket.write(encodeFrame(9, 1, Buffer.alloc(1)));
  const queued = Array(320).fill(encodeFrame(FRAME_TYPE.body, 1, Buffer.alloc(125_000)));
  socket.write(Buffer.concat(queued), () => socket.resume());
  assert.match(await client.failure, /FRAME_ERROR/);
});
