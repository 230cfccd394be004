import { Buffer } from "node:buffer";
import { BSONValue, serialize } from "bson";
import { CommandError } from "../errors.ts";
import { spend, type Work } from "../work.ts";
import { parse, readText, TYPE } from "./parse.ts";

export { TYPE };

/**
 * A BSON value as it came: its type and its bytes. Nothing is converted before it is looked at, so that nothing changes on the
 * way through the store: not the order of fields, nor the type of a number, nor a date that JavaScript has not.
 */
export class Value {
  constructor(readonly type: number, readonly bytes: Uint8Array) {}
}

/** The fields of a document, in its order. A missing value is `undefined` everywhere. */
export type Fields = ReadonlyMap<string, Value>;

export const NULL = new Value(TYPE.null, new Uint8Array());

export function typeName({ type }: Value): string {
  return Object.entries(TYPE).find(([, number]) => number === type)?.[0] ?? String(type);
}

/**
 * Reads the fields of a document, or of an array.
 *
 * @throws {CommandError} 40413 when a field is there twice.
 */
export function fieldsOf(document: Uint8Array): Map<string, Value> {
  const fields = new Map<string, Value>();
  parse(document, (type, bytes, nameStart, nameEnd) => {
    const name = readText(document, nameStart, nameEnd);
    if (fields.has(name)) {
      throw new CommandError(40413, `BSON field '${name}' is a duplicate field`);
    }
    fields.set(name, new Value(type, bytes));
  });
  return fields;
}

export function elementsOf(array: Uint8Array): Value[] {
  const elements: Value[] = [];
  parse(array, (type, bytes) => elements.push(new Value(type, bytes)));
  return elements;
}

/** As deep as MongoDB lets documents be nested (`BSONDepth`). */
export const MAX_DEPTH = 200;

/** Reads all that is nested in a document, so that whoever reads a part of it later finds nothing malformed. */
export function* checkNested(fields: Fields, depth = 1): Work<void> {
  if (depth > MAX_DEPTH) {
    throw new CommandError(15, `Cannot read a document: it has more than ${MAX_DEPTH} levels`);
  }
  for (const { type, bytes } of fields.values()) {
    if (type === TYPE.object || type === TYPE.array) {
      yield;
      yield* checkNested(fieldsOf(bytes), depth + 1);
    }
  }
}

export function encode(fields: Iterable<readonly [string, Value]>): Uint8Array {
  const encoded = Array.from(fields, ([name, value]) => {
    spend();
    return { name: Buffer.from(name), value };
  });
  const sizeBytes = encoded.reduce(
    (sum, { name, value }) => sum + name.length + 2 + value.bytes.length,
    5,
  );
  const document = new Uint8Array(sizeBytes);
  new DataView(document.buffer).setInt32(0, sizeBytes, true);
  let offset = 4;
  for (const { name, value } of encoded) {
    document[offset] = value.type;
    document.set(name, offset + 1);
    document.set(value.bytes, offset + name.length + 2);
    offset += name.length + 2 + value.bytes.length;
  }
  return document;
}

export function objectOf(fields: Iterable<readonly [string, Value]>): Value {
  return new Value(TYPE.object, encode(fields));
}

export function arrayOf(elements: readonly Value[]): Value {
  return new Value(
    TYPE.array,
    encode(elements.map((element, index) => [String(index), element] as const)),
  );
}

export type Encodable =
  | Value
  | BSONValue
  | Date
  | string
  | number
  | bigint
  | boolean
  | null
  | Encodable[]
  | { readonly [name: string]: Encodable };

/** Makes the BSON of a JavaScript value: a small whole number is an int, another number a double, a `bigint` a long. */
export function toValue(input: Encodable): Value {
  if (input instanceof Value) return input;
  if (Array.isArray(input)) return arrayOf(input.map(toValue));
  if (
    input === null || typeof input !== "object" || input instanceof Date ||
    input instanceof BSONValue
  ) {
    return fieldsOf(serialize({ input })).get("input") ?? NULL;
  }
  return objectOf(Object.entries(input).map(([name, value]) => [name, toValue(value)] as const));
}

export function viewOf({ bytes }: Value): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function textOf(value: Value | undefined): string | undefined {
  return value?.type === TYPE.string ? readText(value.bytes, 4, value.bytes.length - 1) : undefined;
}

export function documentOf(value: Value | undefined): Map<string, Value> | undefined {
  return value?.type === TYPE.object ? fieldsOf(value.bytes) : undefined;
}

export function listOf(value: Value | undefined): Value[] | undefined {
  return value?.type === TYPE.array ? elementsOf(value.bytes) : undefined;
}

/** The fields of a document whose first one is an operator, such as `{$gt: 5}`; `{$ref, $id}` is a reference, hence a value. */
export function operatorsOf(value: Value | undefined): Fields | undefined {
  const fields = documentOf(value);
  const [first = ""] = fields?.keys() ?? [];
  return first.startsWith("$") && !["$ref", "$id", "$db"].includes(first) ? fields : undefined;
}
