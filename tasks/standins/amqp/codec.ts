import { Buffer } from "node:buffer";
import untypedDefinitions from "amqplib-codec/lib/defs.js";
import { AmqpError } from "./amqp_error.ts";
import type {
  BrokerMethods,
  ClientMethod,
  FieldTable,
  FieldValue,
  MessageProperties,
} from "./methods.ts";

/** The part of amqplib's generated code that is used here. It has no types of its own. */
interface Definitions {
  readonly BasicProperties: number;
  readonly decode: (id: number, content: Buffer) => unknown;
  readonly encodeMethod: (id: number, channel: number, fields: unknown) => Buffer;
  readonly encodeProperties: (id: number, channel: number, size: number, fields: unknown) => Buffer;
  readonly info: (id: number) => { readonly name: string };
}

const definitions: Definitions & Readonly<Record<keyof BrokerMethods, number>> = untypedDefinitions;

/** The kinds of frames (AMQP 0-9-1, section 4.2.3). */
export const FRAME_TYPE = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;

/** What a client sends first (AMQP 0-9-1, section 4.2.2). */
export const PROTOCOL_HEADER: Buffer = Buffer.from("AMQP\0\0\x09\x01", "latin1");

/** Largest frame that is sent or accepted, in bytes: RabbitMQ's default. */
export const FRAME_MAX_BYTES = 131_072;

const FRAME_END = 0xce;

const FRAME_HEADER_BYTES = 7;

const FRAME_OVERHEAD_BYTES = FRAME_HEADER_BYTES + 1;

const BASIC_CLASS_ID = 60;

/** Length of class id, weight and body size, which precede the properties in a content header. */
const CONTENT_HEADER_BYTES = 12;

export interface Frame {
  /** One of {@linkcode FRAME_TYPE}, or an unknown number. */
  readonly type: number;
  /** 0 for the connection itself. */
  readonly channel: number;
  /** Valid only until the next read: copy what is kept. */
  readonly payload: Buffer;
}

export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
  }

  readProtocolHeader(): Buffer | undefined {
    if (this.#pending.length < PROTOCOL_HEADER.length) return undefined;
    const header = this.#pending.subarray(0, PROTOCOL_HEADER.length);
    this.#pending = this.#pending.subarray(PROTOCOL_HEADER.length);
    return header;
  }

  readFrame(): Frame | undefined {
    const bytes = this.#pending;
    if (bytes.length < FRAME_HEADER_BYTES) return undefined;
    const sizeBytes = bytes.readUInt32BE(3);
    const limit = FRAME_MAX_BYTES - FRAME_OVERHEAD_BYTES;
    if (sizeBytes > limit) {
      throw new AmqpError(501, `frame of ${sizeBytes} bytes is larger than ${limit}`);
    }
    const end = FRAME_HEADER_BYTES + sizeBytes;
    if (bytes.length <= end) return undefined;
    if (bytes[end] !== FRAME_END) throw new AmqpError(501, "frame does not end in octet 206");
    this.#pending = bytes.subarray(end + 1);
    return {
      type: bytes.readUInt8(0),
      channel: bytes.readUInt16BE(1),
      payload: bytes.subarray(FRAME_HEADER_BYTES, end),
    };
  }
}

export function encodeFrame(type: number, channel: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_OVERHEAD_BYTES + payload.length);
  frame.writeUInt8(type, 0);
  frame.writeUInt16BE(channel, 1);
  frame.writeUInt32BE(payload.length, 3);
  frame.set(payload, FRAME_HEADER_BYTES);
  frame.writeUInt8(FRAME_END, FRAME_HEADER_BYTES + payload.length);
  return frame;
}

export function encodeMethod<Name extends keyof BrokerMethods>(
  name: Name,
  channel: number,
  fields: BrokerMethods[Name],
): Buffer {
  return definitions.encodeMethod(definitions[name], channel, fields);
}

export function decodeMethod(payload: Buffer): ClientMethod {
  return decoding("method", () => {
    const id = payload.readUInt32BE(0);
    const { name } = definitions.info(id);
    const fields = definitions.decode(id, payload.subarray(4));
    const method = { name, id, fields } as ClientMethod;
    if ("arguments" in method.fields) assertEncodable(method.fields.arguments);
    return method;
  });
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
  const payloadMaxBytes = frameMaxBytes - FRAME_OVERHEAD_BYTES;
  for (let offset = 0; offset < body.length; offset += payloadMaxBytes) {
    const part = body.subarray(offset, offset + payloadMaxBytes);
    frames.push(encodeFrame(FRAME_TYPE.body, channel, part));
  }
  return frames;
}

export function contentHeaderPayload(bodySizeBytes: number, properties: Uint8Array): Buffer {
  const payload = Buffer.alloc(CONTENT_HEADER_BYTES + properties.length);
  payload.writeUInt16BE(BASIC_CLASS_ID, 0);
  payload.writeBigUInt64BE(BigInt(bodySizeBytes), 4);
  payload.set(properties, CONTENT_HEADER_BYTES);
  return payload;
}

/** Reads a content header. Its properties are re-encoded, so that only well-formed ones are stored and passed on. */
export function decodeContentHeader(payload: Buffer) {
  return decoding("content header", () => {
    const bodySizeBytes = Number(payload.readBigUInt64BE(4));
    const properties = decodeProperties(payload.subarray(CONTENT_HEADER_BYTES));
    if (properties.headers !== undefined) assertEncodable(properties.headers);
    return { bodySizeBytes, properties, encodedProperties: encodeProperties(properties) };
  });
}

export function encodeProperties(properties: MessageProperties): Buffer {
  const frame = definitions.encodeProperties(definitions.BasicProperties, 0, 0, properties);
  return frame.subarray(FRAME_HEADER_BYTES + CONTENT_HEADER_BYTES, -1);
}

export function decodeProperties(encoded: Buffer): MessageProperties {
  return definitions.decode(BASIC_CLASS_ID, encoded) as MessageProperties;
}

export function withHeaders(encoded: Buffer, change: (headers: FieldTable) => FieldTable): Buffer {
  const properties = decodeProperties(encoded);
  return encodeProperties({ ...properties, headers: change(properties.headers ?? {}) });
}

const DEPTH_MAX = 64;

/**
 * Checks that a table can be re-encoded later, when it is too late to report an error.
 *
 * The codec marks typed values with the key `!` and asks tables for `hasOwnProperty`, so a client's own keys of these names would
 * be misread.
 */
function assertEncodable(value: FieldValue | undefined, depth = 0): void {
  if (typeof value !== "object" || value === null || Buffer.isBuffer(value)) return;
  if (depth > DEPTH_MAX) throw new RangeError("nested too deep");
  if (Array.isArray(value)) {
    for (const element of value) assertEncodable(element, depth + 1);
    return;
  }
  const table = value as FieldTable;
  if (Object.getPrototypeOf(table) !== Object.prototype || Object.hasOwn(table, "hasOwnProperty")) {
    throw new TypeError("a table has an impossible key");
  }
  if ("!" in table && !isTypedValue(table)) throw new TypeError("a table has the key '!'");
  for (const element of Object.values(table)) assertEncodable(element, depth + 1);
}

function isTypedValue(table: FieldTable): boolean {
  return table["!"] === "decimal" ||
    (table["!"] === "timestamp" && typeof table.value === "number");
}

/** Runs a decoder: any error is the sender's fault. */
function decoding<Result>(what: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    throw new AmqpError(502, `cannot read the ${what}: ${(error as Error).message}`);
  }
}
