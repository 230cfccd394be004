import assert from "node:assert/strict";
import { deserialize, serialize } from "bson";
import fc from "fast-check";
import { encode } from "../bson/value.ts";
import { Framing, MAX_MESSAGE_BYTES, ProtocolError } from "./framing.ts";
import { parseRequest } from "./request.ts";

function framed(operationCode: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + content.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, bytes.length, true);
  view.setInt32(4, 99, true);
  view.setInt32(12, operationCode, true);
  bytes.set(content, 16);
  return bytes;
}

function sequence(name: string, documents: readonly Uint8Array[]): readonly number[] {
  const content = [
    ...new TextEncoder().encode(name),
    0,
    ...documents.flatMap((bytes) => [...bytes]),
  ];
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, content.length + 4, true);
  return [1, ...length, ...content];
}

Deno.test("parseRequest() adds document sequences to the command, before or after its body", () => {
  const body = [0, ...serialize({ insert: "emails", $db: "messages" })];
  const documents = sequence("documents", [serialize({ _id: 1 }), serialize({ _id: 2 })]);
  for (const sections of [[...body, ...documents], [...documents, ...body]]) {
    const request = parseRequest(framed(2013, Uint8Array.of(0, 0, 0, 0, ...sections)));
    assert.equal(request.requestId, 99);
    assert.equal(request.isUnanswered, false);
    assert.deepEqual(deserialize(encode(request.command)), {
      insert: "emails",
      $db: "messages",
      documents: [{ _id: 1 }, { _id: 2 }],
    });
  }
});

Deno.test("parseRequest() reads the handshake of OP_QUERY", () => {
  const name = [...new TextEncoder().encode("admin.$cmd"), 0];
  const content = Uint8Array.of(
    0,
    0,
    0,
    0,
    ...name,
    0,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    ...serialize({ hello: 1 }),
  );
  const request = parseRequest(framed(2004, content));
  assert.equal(request.operation, "query");
  assert.deepEqual(deserialize(encode(request.command)), { hello: 1, $db: "admin" });
});

Deno.test("parseRequest() throws nothing but ProtocolError, whatever the bytes", () => {
  const valid = framed(2013, Uint8Array.of(0, 0, 0, 0, 0, ...serialize({ ping: 1, text: "ä" })));
  fc.assert(fc.property(
    fc.constantFrom(2004, 2013, 1),
    fc.uint8Array({ maxLength: 80 }),
    fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }),
    (operationCode, noise, changes) => {
      const changed = valid.slice();
      for (const [position, byte] of changes) changed[position] = byte;
      for (const bytes of [framed(operationCode, noise), changed]) {
        try {
          parseRequest(bytes);
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      }
    },
  ));
});

Deno.test("Framing gives the messages that went in, however they are cut", () => {
  fc.assert(fc.property(
    fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
    (contents, cuts) => {
      const messages = contents.map((content) => framed(2013, content));
      const stream = Uint8Array.from(messages.flatMap((message) => [...message]));
      const framing = new Framing();
      const received: number[][] = [];
      for (let offset = 0, turn = 0; offset < stream.length; turn++) {
        const length = cuts[turn % cuts.length] ?? 1;
        for (const message of framing.push(stream.slice(offset, offset + length))) {
          received.push([...message]);
        }
        offset += length;
      }
      assert.deepEqual(received, messages.map((message) => [...message]));
    },
  ));
});

Deno.test("Framing refuses lengths that no message has", () => {
  for (const length of [-1, 0, 15, MAX_MESSAGE_BYTES + 1]) {
    const header = new Uint8Array(16);
    new DataView(header.buffer).setInt32(0, length, true);
    assert.throws(() => [...new Framing().push(header)], ProtocolError);
  }
});
