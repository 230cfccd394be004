import { Binary, BSONRegExp, BSONSymbol, Double, Int32, Long, Timestamp } from "bson";
import { toRegExp } from "./regular_expression.ts";
import { asDocument, type BsonDocument, setField } from "./values.ts";

/** mingo compares what it does not know by `toString()`, which for a Binary is lossy. */
class ComparableBinary extends Binary {
  override toString(): string {
    return `${this.sub_type}:${super.toString("hex")}`;
  }
}

/**
 * A decoded value with JavaScript's own numbers and regular expressions, which is what mingo computes with. A long that
 * a double cannot hold stays a `Long`: it can be compared with its equals, not calculated with.
 */
export function toPlain(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long && !(value instanceof Timestamp)) {
    const number = value.toNumber();
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Binary) {
    return new ComparableBinary(value.buffer.subarray(0, value.position), value.sub_type);
  }
  if (value instanceof BSONRegExp) return toRegExp(value.pattern, value.options);
  if (value instanceof BSONSymbol) return value.toString();
  const document = asDocument(value);
  return document === undefined ? value : plainDocument(document);
}

/** As {@linkcode toPlain}, for a whole document. */
export function plainDocument(document: BsonDocument): BsonDocument {
  const copy: BsonDocument = {};
  for (const [field, value] of Object.entries(document)) setField(copy, field, toPlain(value));
  return copy;
}

/** Gives values that a computation on plain values left alone their BSON type back. */
function restoreTypes(result: unknown, before: unknown, typed: unknown): unknown {
  if (Object.is(result, before)) return typed;
  if (Array.isArray(result) && Array.isArray(before) && Array.isArray(typed)) {
    return result.map((element, index) => restoreTypes(element, before[index], typed[index]));
  }
  const document = asDocument(result);
  return document === undefined
    ? result
    : restoreDocument(document, asDocument(before) ?? {}, asDocument(typed) ?? {});
}

/** As {@linkcode restoreTypes}, for whole documents. */
export function restoreDocument(
  result: BsonDocument,
  before: BsonDocument,
  typed: BsonDocument,
): BsonDocument {
  const restored: BsonDocument = {};
  for (const [field, value] of Object.entries(result)) {
    const restoredValue = Object.hasOwn(before, field)
      ? restoreTypes(value, before[field], typed[field])
      : value;
    setField(restored, field, restoredValue);
  }
  return restored;
}
