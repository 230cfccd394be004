import { crc32 } from "node:zlib";

/** A picture of an animation, as PNG; all have the same size and the same kind of colours. */
export interface Frame {
  readonly png: Uint8Array;
  readonly forMs: number;
}

const SIGNATURE_LENGTH = 8;

/**
 * Joins pictures to one that moves, and begins again at its end: APNG (https://www.w3.org/TR/png-3/#apng-frame-based-animation).
 *
 * @returns The animated PNG. Who knows nothing of animations shows the first frame.
 */
export function animatedPng(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  const [first] = frames;
  if (first === undefined) throw new RangeError("Cannot animate: there is no frame; give one");
  const header = chunksOf(first.png).find(({ type }) => type === "IHDR");
  if (header === undefined) throw new TypeError("Cannot animate: this is no PNG; give one");
  const size = header.data.slice(0, 8);
  let number = 0;
  const parts: Uint8Array[] = [
    first.png.slice(0, SIGNATURE_LENGTH),
    chunk("IHDR", header.data),
    chunk("acTL", uint32(frames.length), uint32(0)),
  ];
  frames.forEach(({ png, forMs }, index) => {
    const delay = new Uint8Array([forMs >> 8, forMs & 255, 1_000 >> 8, 1_000 & 255]);
    parts.push(
      chunk("fcTL", uint32(number++), size, uint32(0), uint32(0), delay, new Uint8Array(2)),
    );
    for (const { type, data } of chunksOf(png)) {
      if (type !== "IDAT") continue;
      parts.push(index === 0 ? chunk("IDAT", data) : chunk("fdAT", uint32(number++), data));
    }
  });
  parts.push(chunk("IEND"));
  return joined(parts);
}

function chunksOf(
  png: Uint8Array,
): readonly { readonly type: string; readonly data: Uint8Array }[] {
  const chunks = [];
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = SIGNATURE_LENGTH; at < png.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.slice(at + 4, at + 8));
    chunks.push({ type, data: png.slice(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function chunk(type: string, ...data: readonly Uint8Array[]): Uint8Array {
  const content = joined([new TextEncoder().encode(type), ...data]);
  return joined([uint32(content.length - 4), content, uint32(crc32(content))]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
