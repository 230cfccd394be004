import { BSONSymbol, Decimal128, Double, Long } from "bson";
import { numericValue } from "./numbers.ts";
import { asDocument, type BsonDocument, encode, setField } from "./values.ts";

/**
 * Bytes that are equal exactly when MongoDB takes two values for equal: the key of a document under its `_id`, and of
 * an index entry. 1, 1.0 and a long 1 have one key; a missing value has that of null, as in MongoDB's indexes.
 */
export function equalityKey(value: unknown): Uint8Array {
  return encode({ "": canonical(value) });
}

function canonical(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(canonical);
  if (value instanceof BSONSymbol) return value.toString();
  const numeric = numericValue(value);
  if (numeric !== undefined) return canonicalNumber(value, numeric);
  const document = asDocument(value);
  return document === undefined ? value : canonicalDocument(document);
}

function canonicalNumber(value: unknown, numeric: number | bigint): unknown {
  const isWhole = typeof numeric === "bigint" ||
    (Number.isInteger(numeric) && Math.abs(numeric) < 2 ** 63);
  if (isWhole) return Long.fromBigInt(BigInt(numeric));
  // A decimal fraction is no double's equal but by rounding: it keeps a key of its own.
  return value instanceof Decimal128 ? value : new Double(numeric);
}

function canonicalDocument(document: BsonDocument): BsonDocument {
  const copy: BsonDocument = {};
  for (const [field, value] of Object.entries(document)) setField(copy, field, canonical(value));
  return copy;
}
