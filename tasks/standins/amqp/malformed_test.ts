import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  contentHeaderPayload,
  encodeFrame,
  encodeProperties,
  FRAME_TYPE,
  PROTOCOL_HEADER,
} from "./codec.ts";
import { BODY_MAX_BYTES } from "./incoming_content.ts";
import type { FieldTable } from "./methods.ts";
import { brokerTest, connectClient, fill, next, QUORUM, socketOf } from "./testing.ts";

brokerTest("Connection answers another protocol, and refuses early channels", async (_, url) => {
  const { hostname, port } = new URL(url);
  const answerTo = async (...bytes: readonly Uint8Array[]) => {
    using socket = await Deno.connect({ hostname, port: Number(port) });
    await socket.write(Buffer.concat(bytes));
    const answer = Buffer.alloc(10_000);
    return answer.subarray(0, await socket.read(answer) ?? 0);
  };
  assert.deepEqual(await answerTo(Buffer.from("GET / HTTP/1.1\r\n\r\n")), PROTOCOL_HEADER);
  const openChannel = method(1, 0, 20, 0, 10, 0);
  assert.match(String(await answerTo(PROTOCOL_HEADER, openChannel)), /COMMAND_INVALID/);
});

function method(channel: number, ...bytes: readonly number[]): Buffer {
  return encodeFrame(FRAME_TYPE.method, channel, Uint8Array.from(bytes));
}

/** To the default exchange, with the routing key `a`. */
const PUBLISH = method(1, 0, 60, 0, 40, 0, 0, 0, 1, 97, 0);

function contentHeader(bodySizeBytes: number, properties: Buffer): Buffer {
  return encodeFrame(FRAME_TYPE.header, 1, contentHeaderPayload(bodySizeBytes, properties));
}

/** A message whose headers the codec sends as they are, since they are wrapped. */
function withHeaders(table: FieldTable): Buffer {
  const properties = encodeProperties({ headers: { evil: { "!": "object", value: table } } });
  return Buffer.concat([PUBLISH, contentHeader(0, properties)]);
}

function nested(depth: number): FieldTable {
  return depth === 0 ? {} : { deeper: nested(depth - 1) };
}

const BODY = encodeFrame(FRAME_TYPE.body, 1, Buffer.from("a"));

const CASES: readonly (readonly [what: string, says: Buffer, RegExp])[] = [
  ["a frame without an end", Buffer.from([1, 0, 1, 0, 0, 0, 1, 0, 0]), /FRAME_ERROR/],
  ["a frame that is too large", Buffer.from([3, 0, 1, 0xff, 0xff, 0xff, 0xff]), /FRAME_ERROR/],
  ["a method that cannot be read", method(1, 0, 50, 0, 10, 0), /SYNTAX_ERROR/],
  ["tx.select", method(1, 0, 90, 0, 10), /NOT_IMPLEMENTED - .* no method TxSelect;/],
  [
    "connection.update-secret",
    method(0, 0, 10, 0, 70, 0, 0, 0, 0, 0),
    /NOT_IMPLEMENTED - .* no method ConnectionUpdateSecret;/,
  ],
  ["a purge without an answer", method(1, 0, 50, 0, 30, 0, 0, 1, 97, 1), /NOT_IMPLEMENTED/],
  ["a body before its header", Buffer.concat([PUBLISH, BODY]), /UNEXPECTED_FRAME/],
  ["the codec's own mark in headers", withHeaders({ "!": "bogus", value: 1 }), /SYNTAX_ERROR/],
  [
    "a mark in a mark in headers",
    withHeaders({ "!": "object", value: { "!": "object", value: { "!": "bogus" } } }),
    /SYNTAX_ERROR/,
  ],
  ["the key hasOwnProperty in headers", withHeaders({ hasOwnProperty: 1 }), /SYNTAX_ERROR/],
  ["deeply nested headers", withHeaders(nested(100)), /SYNTAX_ERROR/],
];

brokerTest(
  "the broker ends only the connection of a client that breaks the protocol",
  async (polite, url) => {
    for (const [what, says, reason] of CASES) {
      await using rude = await connectClient(url);
      socketOf(rude.model).write(says);
      assert.match(await rude.failure, reason, what);
    }
    await polite.model.createChannel();
  },
);

brokerTest("Connection reads what is queued after the broker closed it", async (client) => {
  const socket = socketOf(client.model);
  socket.pause();
  // Anything but a frame ends the connection. Behind it, far more than both sides' socket buffers hold.
  socket.write(encodeFrame(9, 1, Buffer.alloc(1)));
  const queued = Array(320).fill(encodeFrame(FRAME_TYPE.body, 1, Buffer.alloc(125_000)));
  socket.write(Buffer.concat(queued), () => socket.resume());
  assert.match(await client.failure, /FRAME_ERROR/);
});

brokerTest("Channel closes when a message is too large, before it has arrived", async (client) => {
  const { model, channel } = client;
  const failure = new Promise<Error>((resolve) => channel.once("error", resolve));
  const socket = socketOf(model);
  socket.write(PUBLISH);
  socket.write(contentHeader(BODY_MAX_BYTES + 1, Buffer.from([0, 0])));
  assert.match((await failure).message, /PRECONDITION_FAILED - message size/);
  socket.write(BODY);
  await model.createChannel();
});

brokerTest("Broker survives random frames on an open channel", async (polite, url) => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(
      fc.constantFrom(10, 20, 40, 50, 60, 85, 90),
      fc.integer({ min: 0, max: 120 }),
      fc.uint8Array({ maxLength: 80 }),
    )
      .map(([classId, methodId, rest]) => Uint8Array.from([0, classId, 0, methodId, ...rest])),
  );
  const frame = fc.tuple(
    fc.constantFrom(1, 1, 1, 2, 3, 8, 9),
    fc.constantFrom(0, 1, 1, 2),
    payload,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), async (frames) => {
      const { model } = await connectClient(url);
      const closed = new Promise<void>((resolve) => model.once("close", () => resolve()));
      const bytes = frames.map(([type, channel, bytes]) => encodeFrame(type, channel, bytes));
      const socket = socketOf(model);
      socket.write(Buffer.concat(bytes), () => socket.destroy(new Error("cut by the test")));
      await closed;
    }),
    { numRuns: 150 },
  );
  await polite.channel.assertQueue("work", { arguments: QUORUM });
  await fill(polite.channel, "work", "a");
  assert.equal((await next(polite.channel, "work")).content.toString(), "a");
});
