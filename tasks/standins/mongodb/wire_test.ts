import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { deserialize, type Document, serialize } from "bson";
import fc from "fast-check";
import { MongoClient } from "mongodb";
import { startMongodb } from "./mod.ts";
import { messagesIn, parseRequest, ProtocolError } from "./wire.ts";

function int32(value: number): readonly number[] {
  return [...new Uint8Array(Int32Array.of(value).buffer)];
}

function framed(operationCode: number, ...content: readonly number[]): Uint8Array {
  const header = [content.length + 16, 99, 0, operationCode];
  return Uint8Array.from([...header.flatMap(int32), ...content]);
}

/** An OP_MSG with one document. */
function message(command: Document, flags = 0): Uint8Array {
  return framed(2013, ...int32(flags), 0, ...serialize(command));
}

const PING = message({ ping: 1, $db: "admin" });

Deno.test("parseRequest() throws nothing but ProtocolError, whatever the bytes", () => {
  fc.assert(fc.property(
    fc.constantFrom(2004, 2013, 1),
    fc.uint8Array({ maxLength: 80 }),
    fc.array(fc.tuple(fc.nat(PING.length - 1), fc.nat(255)), { maxLength: 4 }),
    (operationCode, noise, changes) => {
      const changed = PING.slice();
      for (const [position, byte] of changes) changed[position] = byte;
      for (const bytes of [framed(operationCode, ...noise), changed]) {
        try {
          parseRequest(bytes);
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      }
    },
  ));
});

Deno.test("messagesIn() gives the messages that went in, however they are cut", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
    async (contents, cuts) => {
      const messages = contents.map((content) => framed(2013, ...content));
      const stream = Uint8Array.from(messages.flatMap((message) => [...message]));
      const chunks: Uint8Array[] = [];
      for (let offset = 0; offset < stream.length;) {
        const length = cuts[chunks.length % cuts.length] ?? 1;
        chunks.push(stream.slice(offset, offset + length));
        offset += length;
      }
      const received = await Array.fromAsync(messagesIn(ReadableStream.from(chunks)));
      assert.deepEqual(received.map((message) => [...message]), messages.map((one) => [...one]));
    },
  ));
});

integrationTest(
  "malformed or broken off messages close their connection and no other",
  async () => {
    await using server = await startMongodb({ port: 0 });
    const connect = () => Deno.connect({ port: Number(new URL(server.url).port) });
    using healthy = await connect();
    const [truncated, unknownOperation] = [PING.slice(), PING.slice()];
    new DataView(truncated.buffer).setInt32(21, 0x7fffffff, true);
    new DataView(unknownOperation.buffer).setInt32(12, 4711, true);
    for (
      const bytes of [
        new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        new Uint8Array(64),
        truncated,
        unknownOperation,
        message({ ping: 1, $db: "admin" }, 1 << 5),
      ]
    ) {
      using connection = await connect();
      await connection.write(bytes);
      try {
        while (await connection.read(new Uint8Array(1024)) !== null);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      }
    }
    {
      using leaving = await connect();
      await leaving.write(PING.subarray(0, 20));
    }
    // The first one expects no answer: the answer is the second one's.
    await healthy.write(message({ nonsense: 1, $db: "admin" }, 2));
    for (const byte of PING) await healthy.write(Uint8Array.of(byte));
    const { value: answer = PING } = await messagesIn(healthy.readable).next();
    assert.equal(deserialize(answer.subarray(21)).ok, 1);
  },
);

integrationTest(
  "a client that stops sending, or stops reading, is released",
  async () => {
    await using server = await startMongodb({ port: 0 });
    const connect = () => Deno.connect({ port: Number(new URL(server.url).port) });
    await using client = new MongoClient(server.url);
    await client.db("mails").collection("raw").insertOne({ text: "x".repeat(3e6) });
    const find = message({ find: "raw", $db: "mails" });
    for (const leave of ["close", "closeWrite"] as const) {
      using leaving = await connect();
      for (let times = 0; times < 5; times++) await leaving.write(find);
      // The answers have begun, and exceed the socket buffers.
      await leaving.read(new Uint8Array(1));
      if (leave === "close") continue;
      await leaving.closeWrite();
      while (await leaving.read(new Uint8Array(65_536)) !== null);
    }
  },
);
