import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeContent, FrameReader } from "./codec.ts";

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

Deno.test("FrameReader reads the frames of encodeContent() however the bytes are cut", () => {
  const body = Buffer.from("0123456789".repeat(3));
  const bytes = Buffer.concat(encodeContent(1, NO_PROPERTIES, body, 20));
  const whole = framesOf(bytes, bytes.length);
  // 7 bytes before and 1 byte after leave 12 of 20 for the body.
  assert.deepEqual(whole.slice(1).map((frame) => frame.split(" ")[2]?.length), [24, 24, 12]);
  for (let size = 1; size < bytes.length; size++) assert.deepEqual(framesOf(bytes, size), whole);
});
