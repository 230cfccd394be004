import { Buffer } from "node:buffer";
import { BSONType, BSONValue, Decimal128, onDemand, serialize } from "bson";
import { CommandError } from "./errors.ts";
import { spend, type Work } from "./work.ts";

const { ByteUtils, NumberUtils } = onDemand;

/** The numbers of BSON's types (bsonspec.org) under their `$type` names. */
export const TYPE = { ...BSONType, minKey: 255 };

/**
 * For each type: its place in MongoDB's order (`canonicalizeBSONType`), and a value's size in bytes, in addition to a leading
 * length. Values of one place are compared with each other.
 */
const TYPES: ReadonlyMap<number, readonly [rank: number, sizeBytes: number, hasLength?: true]> =
  new Map<number, readonly [number, number, true?]>([
    [TYPE.minKey, [-1, 0]],
    [TYPE.undefined, [0, 0]],
    [TYPE.null, [5, 0]],
    [TYPE.int, [10, 4]],
    [TYPE.long, [10, 8]],
    [TYPE.double, [10, 8]],
    [TYPE.decimal, [10, 16]],
    [TYPE.string, [15, 4, true]],
    [TYPE.symbol, [15, 4, true]],
    [TYPE.object, [20, 0, true]],
    [TYPE.array, [25, 0, true]],
    [TYPE.binData, [30, 5, true]],
    [TYPE.objectId, [35, 12]],
    [TYPE.bool, [40, 1]],
    [TYPE.date, [45, 8]],
    [TYPE.timestamp, [47, 8]],
    [TYPE.regex, [50, NaN]],
    [TYPE.dbPointer, [55, 16, true]],
    [TYPE.javascript, [60, 4, true]],
    [TYPE.javascriptWithScope, [65, 0, true]],
    [TYPE.maxKey, [127, 0]],
  ]);

const TEXT_TYPES: readonly number[] = [TYPE.string, TYPE.symbol, TYPE.javascript];

/** The fields of a document, in its order. A missing value is `undefined` everywhere. */
export type Fields = ReadonlyMap<string, Value>;

/**
 * A BSON value as it came: its type and its bytes. Nothing is converted, so that nothing changes on the way through the store:
 * neither the order of fields, nor the type of a number, nor a date beyond JavaScript's range.
 */
export class Value {
  constructor(readonly type: number, readonly bytes: Uint8Array) {}

  get typeName(): string {
    return Object.entries(TYPE).find(([, type]) => type === this.type)?.[0] ?? String(this.type);
  }

  get rank(): number {
    return TYPES.get(this.type)?.[0] ?? NaN;
  }

  get text(): string | undefined {
    return this.type === TYPE.string ? readText(this.bytes, 4, this.bytes.length - 1) : undefined;
  }

  /** The eight bytes of a long or a date. */
  get bigint(): bigint {
    return NumberUtils.getBigInt64LE(this.bytes, 0);
  }

  /** A number that JavaScript can compare without loss; `undefined` for a decimal, or for no number. */
  get exactNumber(): number | bigint | undefined {
    if (this.type === TYPE.int) return NumberUtils.getInt32LE(this.bytes, 0);
    if (this.type === TYPE.double) return NumberUtils.getFloat64LE(this.bytes, 0);
    return this.type === TYPE.long ? this.bigint : undefined;
  }

  /** A number, rounded to a double. */
  get number(): number | undefined {
    if (this.type === TYPE.decimal) return Number(new Decimal128(this.bytes).toString());
    const number = this.exactNumber;
    return number === undefined ? undefined : Number(number);
  }

  get isNull(): boolean {
    return this.type === TYPE.null || this.type === TYPE.undefined;
  }

  /** MongoDB's truth: everything except false, zero and null. */
  get isTruthy(): boolean {
    return this.type === TYPE.bool ? this.bytes[0] !== 0 : !this.isNull && this.number !== 0;
  }

  get fields(): Map<string, Value> | undefined {
    return this.type === TYPE.object ? fieldsOf(this.bytes) : undefined;
  }

  get elements(): Value[] | undefined {
    if (this.type !== TYPE.array) return undefined;
    const elements: Value[] = [];
    parse(this.bytes, (value) => elements.push(value));
    return elements;
  }

  /** The contents of a document or an array, by name or position. */
  get nested(): Map<string, Value> | undefined {
    return this.type === TYPE.array ? fieldsOf(this.bytes) : this.fields;
  }

  /** The fields of a document whose first one is an operator, such as `{$gt: 5}`; `{$ref, $id}` is a reference, hence a value. */
  get operators(): Fields | undefined {
    const { fields } = this;
    const [first = ""] = fields?.keys() ?? [];
    return first.startsWith("$") && !["$ref", "$id", "$db"].includes(first) ? fields : undefined;
  }
}

export const NULL = new Value(TYPE.null, new Uint8Array());

/**
 * Visits the elements of a document or an array, not of nested ones. With the parser of `bson`, which cannot be interrupted, a
 * million elements would take seconds.
 *
 * @throws {CommandError} 22 when the bytes are malformed.
 */
function parse(
  document: Uint8Array,
  visit: (value: Value, nameStart: number, nameEnd: number) => void,
): void {
  const last = document.length - 1;
  if (last < 4 || NumberUtils.getInt32LE(document, 0) !== last + 1 || document[last] !== 0) {
    throw malformed("its length is wrong");
  }
  for (let offset = 4; offset < last;) {
    spend();
    const type = document[offset] ?? 0;
    const nameEnd = document.indexOf(0, offset + 1);
    const start = nameEnd + 1;
    const [, sizeBytes = NaN, hasLength = false] = TYPES.get(type) ?? [];
    const length = !hasLength
      ? 0
      : start + 4 <= last
      ? NumberUtils.getInt32LE(document, start)
      : -1;
    const end = type === TYPE.regex
      ? document.indexOf(0, document.indexOf(0, start) + 1) + 1
      : start + sizeBytes + length;
    const isOpenText = TEXT_TYPES.includes(type) && (length < 1 || document[end - 1] !== 0);
    if (!(end >= start && end <= last) || length < 0 || isOpenText) {
      throw malformed(`a value of type ${type} has no end`);
    }
    visit(new Value(type, document.subarray(start, end)), offset + 1, nameEnd);
    offset = end;
  }
}

/**
 * Reads the fields of a document, or of an array.
 *
 * @throws {CommandError} 40413 for a duplicate field.
 */
export function fieldsOf(document: Uint8Array): Map<string, Value> {
  const fields = new Map<string, Value>();
  parse(document, (value, nameStart, nameEnd) => {
    const name = readText(document, nameStart, nameEnd);
    if (fields.has(name)) {
      throw new CommandError(40413, `BSON field '${name}' is a duplicate field`);
    }
    fields.set(name, value);
  });
  return fields;
}

function readText(bytes: Uint8Array, start: number, end: number): string {
  try {
    return ByteUtils.toUTF8(bytes, start, end, true);
  } catch {
    throw malformed("a text is not UTF-8");
  }
}

function malformed(reason: string): CommandError {
  return new CommandError(22, `Cannot read a document: ${reason}`);
}

/** MongoDB's nesting limit (`BSONDepth`). */
export const MAX_DEPTH = 200;

/** Validates everything nested in a document, so that later readers find nothing malformed. */
export function* checkNested(values: Iterable<Value>, depth = 1): Work<void> {
  if (depth > MAX_DEPTH) {
    throw new CommandError(15, `Cannot read a document: it has more than ${MAX_DEPTH} levels`);
  }
  for (const value of values) {
    const nested = value.elements ?? value.fields?.values();
    if (nested === undefined) continue;
    yield;
    yield* checkNested(nested, depth + 1);
  }
}

export function encode(fields: Iterable<readonly [string, Value]>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, { type, bytes }] of fields) {
    spend();
    const head = Buffer.from(` ${name}\0`);
    head[0] = type;
    parts.push(head, bytes);
  }
  const document = Buffer.concat([Buffer.alloc(4), ...parts, Buffer.alloc(1)]);
  document.writeInt32LE(document.length);
  return document;
}

export function objectOf(fields: Iterable<readonly [string, Value]>): Value {
  return new Value(TYPE.object, encode(fields));
}

export function arrayOf(elements: readonly Value[]): Value {
  const fields = elements.map((element, index) => [String(index), element] as const);
  return new Value(TYPE.array, encode(fields));
}

type Scalar = BSONValue | Date | string | number | bigint | boolean | null;

export type Encodable = Value | Scalar | readonly Encodable[] | EncodableFields;

export interface EncodableFields {
  readonly [name: string]: Encodable;
}

/** Encodes a JavaScript value as BSON: a small whole number is an int, another number a double, a `bigint` a long. */
export function toValue(input: Encodable): Value {
  if (input instanceof Value) return input;
  if (isList(input)) return arrayOf(input.map(toValue));
  if (
    input === null || typeof input !== "object" || input instanceof Date ||
    input instanceof BSONValue
  ) {
    return fieldsOf(serialize({ input })).get("input") ?? NULL;
  }
  return objectOf(Object.entries(input).map(([name, value]) => [name, toValue(value)] as const));
}

function isList(input: Encodable): input is readonly Encodable[] {
  return Array.isArray(input);
}
