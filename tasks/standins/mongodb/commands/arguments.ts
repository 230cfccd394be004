import { toNumber } from "../bson/numbers.ts";
import { asDocument, type BsonDocument, bsonType } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";
import { isTruthy } from "../query/predicates.ts";

/** A field that holds a document; an empty one when it is missing. */
export function documentArgument(body: BsonDocument, field: string): BsonDocument {
  const value = body[field];
  if (value === undefined || value === null) return {};
  return asDocument(value) ?? wrongType(field, value, "object");
}

/** A field that holds a list of documents; an empty one when it is missing. */
export function documentList(body: BsonDocument, field: string): readonly BsonDocument[] {
  const value = body[field];
  if (value === undefined) return [];
  if (!Array.isArray(value)) return wrongType(field, value, "array");
  return value.map((entry) => asDocument(entry) ?? wrongType(field, entry, "object"));
}

/** A list of documents that a command cannot do without. */
export function requiredDocumentList(body: BsonDocument, field: string): readonly BsonDocument[] {
  if (body[field] !== undefined) return documentList(body, field);
  throw new CommandError(40414, `BSON field '${field}' is missing but a required field`);
}

/** A field that holds a string, such as the collection's name. */
export function stringArgument(body: BsonDocument, field: string): string {
  const value = body[field];
  return typeof value === "string" ? value : wrongType(field, value, "string");
}

/** A field that holds a number of things; `undefined` when it is missing. */
export function countArgument(body: BsonDocument, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  const count = toNumber(value) ?? wrongType(field, value, "number");
  if (count >= 0) return Math.trunc(count);
  throw new CommandError(2, `BSON field '${field}' value must be >= 0, actual value '${count}'`);
}

/** A switch, which drivers also send as a number. */
export function flagArgument(body: BsonDocument, field: string, byDefault = false): boolean {
  return body[field] === undefined ? byDefault : isTruthy(body[field]);
}

/** Refuses a collation; the simple one compares byte by byte, as the stand-in always does. */
export function checkCollation(body: BsonDocument): void {
  const { collation } = body;
  if (collation !== undefined && asDocument(collation)?.locale !== "simple") {
    throw unsupported("collations");
  }
}

function wrongType(field: string, value: unknown, expected: string): never {
  throw new CommandError(
    14,
    `BSON field '${field}' is the wrong type '${bsonType(value)}', expected type '${expected}'`,
  );
}
