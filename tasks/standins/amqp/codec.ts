import { Buffer } from "node:buffer";
import untypedDefinitions from "amqplib-codec/lib/defs.js";
import untypedFrames from "amqplib-codec/lib/frame.js";
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

const BASIC_CLASS_ID = 60;

const FRAME_HEADER_BYTES = 7;

/** Length of class id, weight and body size, which precede the properties in a content header. */
const CONTENT_HEADER_BYTES = 12;

/** A frame that says no more than that its sender is alive. */
export const HEARTBEAT_FRAME: Buffer = untypedFrames.HEARTBEAT_BUF;

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

/** Encodes message properties into the bytes that end a content header. */
export function encodeProperties(properties: MessageProperties): Buffer {
  const frame = definitions.encodeProperties(definitions.BasicProperties, 0, 0, properties);
  return frame.subarray(FRAME_HEADER_BYTES + CONTENT_HEADER_BYTES, -1);
}

/** Decodes the bytes that {@linkcode encodeProperties} made. */
export function decodeProperties(encoded: Buffer): MessageProperties {
  return definitions.decode(BASIC_CLASS_ID, encoded) as MessageProperties;
}

export interface ContentHeader {
  readonly bodySizeBytes: number;
  readonly properties: MessageProperties;
  /** The properties, encoded anew, so that only well-formed ones are stored and handed on. */
  readonly encodedProperties: Buffer;
}

export function decodeContentHeader(payload: Buffer): ContentHeader {
  return decoding("content header", () => {
    const bodySizeBytes = Number(payload.readBigUInt64BE(4));
    const properties = decodeProperties(payload.subarray(CONTENT_HEADER_BYTES));
    if (properties.headers !== undefined) assertEncodable(properties.headers);
    return { bodySizeBytes, properties, encodedProperties: encodeProperties(properties) };
  });
}

/** The payload of a content header frame for properties that are encoded already. */
export function contentHeaderPayload(bodySizeBytes: number, properties: Uint8Array): Buffer {
  const payload = Buffer.alloc(CONTENT_HEADER_BYTES + properties.length);
  payload.writeUInt16BE(BASIC_CLASS_ID, 0);
  payload.writeBigUInt64BE(BigInt(bodySizeBytes), 4);
  payload.set(properties, CONTENT_HEADER_BYTES);
  return payload;
}

const DEPTH_MAX = 64;

/**
 * Checks that a table can be encoded again later, when nobody could be told that it cannot.
 *
 * The codec marks typed values with the key `!` and asks tables for `hasOwnProperty`, so a client's own keys of these
 * names would be misread.
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
    throw new TypeError("a table has a key that is not possible");
  }
  if ("!" in table && !isTypedValue(table)) throw new TypeError("a table has the key '!'");
  for (const element of Object.values(table)) assertEncodable(element, depth + 1);
}

function isTypedValue(table: FieldTable): boolean {
  return table["!"] === "decimal" ||
    (table["!"] === "timestamp" && typeof table.value === "number");
}

/** Runs a decoder: whatever it throws is the sender's fault. */
function decoding<Result>(what: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    throw new AmqpError(502, `cannot read the ${what}: ${(error as Error).message}`);
  }
}
