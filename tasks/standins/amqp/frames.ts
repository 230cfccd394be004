import { Buffer } from "node:buffer";
import { AmqpError } from "./amqp_error.ts";
import { contentHeaderPayload } from "./codec.ts";

/** The kinds of frames (AMQP 0-9-1, section 4.2.3). */
export const FRAME_TYPE = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;

/** What a client sends first (AMQP 0-9-1, section 4.2.2). */
export const PROTOCOL_HEADER: Buffer = Buffer.from("AMQP\0\0\x09\x01", "latin1");

/** Largest frame that is sent or taken, in bytes: RabbitMQ's default. */
export const FRAME_MAX_BYTES = 131_072;

const FRAME_END = 0xce;

const HEADER_BYTES = 7;

/** Everything of a frame that is not payload. */
const OVERHEAD_BYTES = HEADER_BYTES + 1;

export interface Frame {
  /** One of {@linkcode FRAME_TYPE}, or an unknown number. */
  readonly type: number;
  /** 0 for the connection itself. */
  readonly channel: number;
  /** Valid only until the next read: copy what is kept. */
  readonly payload: Buffer;
}

/** Cuts the byte stream of a connection into the protocol header and frames. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
  }

  /** Takes the first 8 bytes, or nothing while they are not there yet. */
  readProtocolHeader(): Buffer | undefined {
    if (this.#pending.length < PROTOCOL_HEADER.length) return undefined;
    const header = this.#pending.subarray(0, PROTOCOL_HEADER.length);
    this.#pending = this.#pending.subarray(PROTOCOL_HEADER.length);
    return header;
  }

  /** Takes the next frame, or nothing while it is not complete. */
  readFrame(): Frame | undefined {
    const bytes = this.#pending;
    if (bytes.length < HEADER_BYTES) return undefined;
    const sizeBytes = bytes.readUInt32BE(3);
    if (sizeBytes > FRAME_MAX_BYTES - OVERHEAD_BYTES) {
      const limit = FRAME_MAX_BYTES - OVERHEAD_BYTES;
      throw new AmqpError(501, `frame of ${sizeBytes} bytes is larger than ${limit}`);
    }
    const end = HEADER_BYTES + sizeBytes;
    if (bytes.length <= end) return undefined;
    if (bytes[end] !== FRAME_END) throw new AmqpError(501, "frame does not end in octet 206");
    this.#pending = bytes.subarray(end + 1);
    return {
      type: bytes.readUInt8(0),
      channel: bytes.readUInt16BE(1),
      payload: bytes.subarray(HEADER_BYTES, end),
    };
  }
}

/** Encodes the content of a message: a header frame and as many body frames as it takes. */
export function encodeContent(
  channel: number,
  properties: Uint8Array,
  body: Uint8Array,
  frameMaxBytes: number,
): readonly Buffer[] {
  const header = contentHeaderPayload(body.length, properties);
  const frames = [encodeFrame(FRAME_TYPE.header, channel, header)];
  const payloadMaxBytes = frameMaxBytes - OVERHEAD_BYTES;
  for (let offset = 0; offset < body.length; offset += payloadMaxBytes) {
    const part = body.subarray(offset, offset + payloadMaxBytes);
    frames.push(encodeFrame(FRAME_TYPE.body, channel, part));
  }
  return frames;
}

export function encodeFrame(type: number, channel: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(OVERHEAD_BYTES + payload.length);
  frame.writeUInt8(type, 0);
  frame.writeUInt16BE(channel, 1);
  frame.writeUInt32BE(payload.length, 3);
  frame.set(payload, HEADER_BYTES);
  frame.writeUInt8(FRAME_END, HEADER_BYTES + payload.length);
  return frame;
}
