import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { deserialize, type Document, serialize } from "bson";
import type { StandIn } from "../stand_in.ts";
import { startMongodb } from "./mod.ts";

function portOf(server: StandIn): number {
  return Number(new URL(server.url).port);
}

/** An OP_MSG with one document. */
function message(command: Document, flags = 0): Uint8Array {
  const body = serialize(command);
  const bytes = new Uint8Array(21 + body.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, bytes.length, true);
  view.setInt32(4, 7, true);
  view.setInt32(12, 2013, true);
  view.setUint32(16, flags, true);
  bytes.set(body, 21);
  return bytes;
}

/** Writes all bytes, which one `write()` need not do. */
async function send(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** Reads the reply document of one small OP_MSG. */
async function reply(connection: Deno.Conn): Promise<Document> {
  const buffer = new Uint8Array(65_536);
  let size = 0;
  while (size < 16 || size < new DataView(buffer.buffer).getInt32(0, true)) {
    const read = await connection.read(buffer.subarray(size));
    assert.notEqual(read, null, "The stand-in closed the connection");
    size += read ?? 0;
  }
  assert.equal(new DataView(buffer.buffer).getInt32(8, true), 7);
  return deserialize(buffer.subarray(21, size));
}

/** Resolves when the other side has closed. */
async function closed(connection: Deno.Conn): Promise<void> {
  try {
    while (await connection.read(new Uint8Array(1024)) !== null);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
}

integrationTest("malformed bytes close their connection and no other", async () => {
  await using server = await startMongodb({ port: 0 });
  using healthy = await Deno.connect({ port: portOf(server) });
  const ping = message({ ping: 1, $db: "admin" });
  const truncatedDocument = ping.slice();
  new DataView(truncatedDocument.buffer).setInt32(21, 0x7fffffff, true);
  const unknownOperation = ping.slice();
  new DataView(unknownOperation.buffer).setInt32(12, 4711, true);
  const malformed = [
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    new Uint8Array(64),
    truncatedDocument,
    unknownOperation,
    message({ ping: 1, $db: "admin" }, 1 << 5),
  ];
  for (const bytes of malformed) {
    using connection = await Deno.connect({ port: portOf(server) });
    await send(connection, bytes);
    await closed(connection);
  }
  await send(healthy, ping);
  assert.equal((await reply(healthy)).ok, 1);
});

integrationTest("a message may arrive in pieces, and several at once", async () => {
  await using server = await startMongodb({ port: 0 });
  using connection = await Deno.connect({ port: portOf(server) });
  const ping = message({ ping: 1, $db: "admin" });
  for (const byte of ping) await send(connection, Uint8Array.of(byte));
  assert.equal((await reply(connection)).ok, 1);
  await send(connection, Uint8Array.of(...message({ nonsense: 1, $db: "admin" }, 2), ...ping));
  // The first one wants no answer: this is the second one's.
  assert.equal((await reply(connection)).ok, 1);
});

integrationTest(
  "a client that goes in the middle of a message leaves the others alone",
  async () => {
    await using server = await startMongodb({ port: 0 });
    const ping = message({ ping: 1, $db: "admin" });
    {
      using leaving = await Deno.connect({ port: portOf(server) });
      await send(leaving, ping.subarray(0, 20));
    }
    using connection = await Deno.connect({ port: portOf(server) });
    await send(connection, ping);
    assert.equal((await reply(connection)).ok, 1);
  },
);
