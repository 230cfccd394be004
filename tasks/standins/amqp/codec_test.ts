import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { encodeContent, FRAME_TYPE, FrameReader } from "./codec.ts";

const NO_PROPERTIES = Buffer.from([0, 0]);

function readAll(reader: FrameReader): readonly { type: number; payload: string }[] {
  const frames = [];
  for (let frame = reader.readFrame(); frame !== undefined; frame = reader.readFrame()) {
    frames.push({ type: frame.type, payload: frame.payload.toString("hex") });
  }
  return frames;
}

Deno.test("FrameReader reads the same frames however the bytes are cut", () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 });
  fc.assert(
    fc.property(bodies, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (bodies, cuts) => {
      const bytes = Buffer.concat(
        bodies.flatMap((body) => encodeContent(1, NO_PROPERTIES, body, 20)),
      );
      const whole = new FrameReader();
      whole.push(bytes);
      const expected = readAll(whole);
      const reader = new FrameReader();
      const actual = [];
      for (let offset = 0; offset < bytes.length;) {
        const size = cuts.next().value ?? 1;
        reader.push(bytes.subarray(offset, offset + size));
        actual.push(...readAll(reader));
        offset += size;
      }
      assert.deepEqual(actual, expected);
    }),
  );
});

Deno.test("encodeContent() cuts a body at the negotiated frame size", () => {
  const frames = encodeContent(7, NO_PROPERTIES, Buffer.alloc(250, 1), 108);
  assert.deepEqual(frames.map(({ length }) => length), [7 + 14 + 1, 108, 108, 58]);
  assert.deepEqual(frames.map((frame) => frame[0]), [
    FRAME_TYPE.header,
    ...Array(3).fill(FRAME_TYPE.body),
  ]);
});
