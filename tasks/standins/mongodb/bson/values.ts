import {
  Binary,
  BSONError,
  BSONRegExp,
  BSONSymbol,
  calculateObjectSize,
  Code,
  DBRef,
  Decimal128,
  deserialize,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
  UUID,
} from "bson";
import { CommandError } from "../errors.ts";

/**
 * A decoded document. Its numbers, binaries and so on are the classes of `bson` (`Int32`, `Double`, `Long`, `Binary`),
 * never JavaScript's own, so that a value leaves the store with the type that it came with.
 */
export type BsonDocument = Record<string, unknown>;

/** The largest document that is stored (MongoDB Limits and Thresholds, "BSON Document Size"). */
export const MAX_DOCUMENT_BYTES: number = 16 * 1024 * 1024;

/** A reply may be a little larger than a document, as in MongoDB (`BSONObjMaxInternalSize`). */
const MAX_ENCODED_BYTES = MAX_DOCUMENT_BYTES + 16 * 1024;

/** The type names of the `$type` operator. */
export type BsonTypeName =
  | "minKey"
  | "undefined"
  | "null"
  | "int"
  | "long"
  | "double"
  | "decimal"
  | "symbol"
  | "string"
  | "object"
  | "array"
  | "binData"
  | "objectId"
  | "bool"
  | "date"
  | "timestamp"
  | "regex"
  | "javascript"
  | "javascriptWithScope"
  | "maxKey";

const TYPE_OF_CLASS: ReadonlyMap<unknown, BsonTypeName> = new Map<unknown, BsonTypeName>([
  [MinKey, "minKey"],
  [Int32, "int"],
  [Long, "long"],
  [Double, "double"],
  [Decimal128, "decimal"],
  [BSONSymbol, "symbol"],
  [Array, "array"],
  [Binary, "binData"],
  [UUID, "binData"],
  [ObjectId, "objectId"],
  [Date, "date"],
  [Timestamp, "timestamp"],
  [BSONRegExp, "regex"],
  [MaxKey, "maxKey"],
]);

/**
 * Decodes a document and keeps the type of every value.
 *
 * @throws {Error} when the bytes are malformed.
 */
export function decode(bytes: Uint8Array): BsonDocument {
  return deserialize(bytes, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
}

/**
 * Encodes a document; fields that are `undefined` are left out.
 *
 * @throws {CommandError} 10334 when it is larger than MongoDB allows, 2 when the encoder cannot represent it.
 */
export function encode(document: BsonDocument): Uint8Array {
  // Sized first: serialize() writes into a buffer of fixed size and would silently drop what does not fit.
  const sizeBytes = sizeOf(document);
  if (sizeBytes > MAX_ENCODED_BYTES) {
    throw new CommandError(
      10334,
      `BSONObj size: ${sizeBytes} is invalid. Size must be between 0 and ${MAX_ENCODED_BYTES}(16MB)`,
    );
  }
  return encoding(() => serialize(document, { ignoreUndefined: true }));
}

/** Encoded length of a document, in bytes. */
export function sizeOf(document: BsonDocument): number {
  return encoding(() => calculateObjectSize(document, { ignoreUndefined: true }));
}

/** The encoder refuses documents that a client may send, such as those with a field `_bsontype`. */
function encoding<Result>(encodeIt: () => Result): Result {
  try {
    return encodeIt();
  } catch (error) {
    if (!(error instanceof BSONError)) throw error;
    throw new CommandError(2, `Cannot encode a document: ${error.message}`);
  }
}

/** The BSON type of a decoded value; a missing value is `undefined`. */
export function bsonType(value: unknown): BsonTypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? "int" : "double";
    case "bigint":
      return "long";
  }
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (value instanceof Code) return value.scope === null ? "javascript" : "javascriptWithScope";
  // By class and not by its `_bsontype`, which a stored document may have as a field of its own.
  return TYPE_OF_CLASS.get(value.constructor) ?? "object";
}

/** The value as a document, or `undefined` when it is anything else. */
export function asDocument(value: unknown): BsonDocument | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  // The decoder makes a class of its own of what looks like a reference, {$ref, $id}; it is a document all the same.
  if (value instanceof DBRef) return { ...value.toJSON() };
  return isDocument(value) ? value : undefined;
}

function isDocument(value: object): value is BsonDocument {
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** A document's own field, or `undefined`; never something inherited such as `constructor`. */
export function getField(document: BsonDocument, field: string): unknown {
  return Object.hasOwn(document, field) ? document[field] : undefined;
}

/** Sets a field, also one that is named `__proto__`. */
export function setField(document: BsonDocument, field: string, value: unknown): void {
  if (field === "__proto__") {
    Object.defineProperty(document, field, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else {
    document[field] = value;
  }
}

/** True for a document whose first field is an operator, such as `{$gt: 5}`. */
export function isOperatorDocument(value: unknown): value is BsonDocument {
  const document = asDocument(value);
  return document !== undefined && (Object.keys(document)[0] ?? "").startsWith("$");
}
