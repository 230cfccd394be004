import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeContent, FRAME_TYPE, FrameReader } from "./codec.ts";

const NO_PROPERTIES = Buffer.from([0, 0]);

/** Reads the frames of bytes that come in pieces. */
function framesOf(bytes: Buffer, pieceBytes: number): readonly string[] {
  const reader = new FrameReader();
  const frames = [];
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    reader.push(bytes.subarray(offset, offset + pieceBytes));
    for (let frame = reader.readFrame(); frame !== undefined; frame = reader.readFrame()) {
      frames.push(`${frame.type} ${frame.channel} ${frame.payload.toString("hex")}`);
    }
  }
  return frames;
}

Deno.test("FrameReader reads the same frames however the bytes are cut", () => {
  const body = Buffer.from("0123456789".repeat(3));
  const bytes = Buffer.concat(encodeContent(1, NO_PROPERTIES, body, 20));
  const whole = framesOf(bytes, bytes.length);
  assert.equal(whole.length, 4);
  for (let size = 1; size < bytes.length; size++) assert.deepEqual(framesOf(bytes, size), whole);
});

Deno.test("encodeContent() cuts a body at the negotiated frame size", () => {
  const frames = encodeContent(7, NO_PROPERTIES, Buffer.alloc(250, 1), 108);
  assert.deepEqual(frames.map(({ length }) => length), [7 + 14 + 1, 108, 108, 58]);
  assert.deepEqual(frames.map((frame) => frame[0]), [
    FRAME_TYPE.header,
    ...Array(3).fill(FRAME_TYPE.body),
  ]);
});
