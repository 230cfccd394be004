import { Buffer } from "node:buffer";
import { spend } from "../work.ts";
import { canonicalNumber, compareNumbers } from "./number.ts";
import { arrayOf, elementsOf, encode, fieldsOf, objectOf, TYPE, Value, viewOf } from "./value.ts";

/** MongoDB's order of types (`canonicalizeBSONType`); those of one rank are compared with each other. */
const RANKS: ReadonlyMap<number, number> = new Map([
  [TYPE.minKey, -1],
  [TYPE.undefined, 0],
  [TYPE.null, 5],
  [TYPE.int, 10],
  [TYPE.long, 10],
  [TYPE.double, 10],
  [TYPE.decimal, 10],
  [TYPE.string, 15],
  [TYPE.symbol, 15],
  [TYPE.object, 20],
  [TYPE.array, 25],
  [TYPE.binData, 30],
  [TYPE.objectId, 35],
  [TYPE.bool, 40],
  [TYPE.date, 45],
  [TYPE.timestamp, 47],
  [TYPE.regex, 50],
  [TYPE.dbPointer, 55],
  [TYPE.javascript, 60],
  [TYPE.javascriptWithScope, 65],
  [TYPE.maxKey, 127],
]);

export function rankOf({ type }: Value): number {
  return RANKS.get(type) ?? NaN;
}

/** Orders two values as MongoDB sorts them: by type, then by value. */
export function compare(left: Value, right: Value): number {
  spend();
  const byRank = rankOf(left) - rankOf(right);
  if (byRank !== 0) return byRank;
  switch (left.type) {
    case TYPE.int:
    case TYPE.long:
    case TYPE.double:
    case TYPE.decimal:
      return compareNumbers(left, right);
    case TYPE.date:
      return Number(viewOf(left).getBigInt64(0, true) - viewOf(right).getBigInt64(0, true));
    case TYPE.timestamp:
      return Number(viewOf(left).getBigUint64(0, true) - viewOf(right).getBigUint64(0, true));
    case TYPE.object:
      return compareDocuments(left, right);
    case TYPE.array:
      return compareArrays(left, right);
    case TYPE.binData:
      return viewOf(left).getInt32(0, true) - viewOf(right).getInt32(0, true) ||
        Buffer.compare(left.bytes, right.bytes);
    case TYPE.string:
    case TYPE.symbol:
    case TYPE.javascript:
      // As bytes of UTF-8, without their length.
      return Buffer.compare(left.bytes.subarray(4), right.bytes.subarray(4));
    default:
      return Buffer.compare(left.bytes, right.bytes);
  }
}

/** True when MongoDB takes both for the same value: 1 and 1.0 are. */
export function isEqual(left: Value, right: Value): boolean {
  return compare(left, right) === 0;
}

/** Of each pair of fields first the types count, then the names, then the values. */
function compareDocuments(left: Value, right: Value): number {
  if (Buffer.compare(left.bytes, right.bytes) === 0) return 0;
  const [leftFields, rightFields] = [[...fieldsOf(left.bytes)], [...fieldsOf(right.bytes)]];
  for (const [index, [leftName, leftValue]] of leftFields.entries()) {
    const rightField = rightFields[index];
    if (rightField === undefined) return 1;
    const [rightName, rightValue] = rightField;
    const difference = rankOf(leftValue) - rankOf(rightValue) ||
      Buffer.compare(Buffer.from(leftName), Buffer.from(rightName)) ||
      compare(leftValue, rightValue);
    if (difference !== 0) return difference;
  }
  return leftFields.length - rightFields.length;
}

function compareArrays(left: Value, right: Value): number {
  const [leftElements, rightElements] = [elementsOf(left.bytes), elementsOf(right.bytes)];
  for (const [index, element] of leftElements.entries()) {
    const other = rightElements[index];
    if (other === undefined) return 1;
    const difference = compare(element, other);
    if (difference !== 0) return difference;
  }
  return leftElements.length - rightElements.length;
}

/** Bytes that are equal exactly when MongoDB takes two values for equal. The store finds documents by that of their `_id`. */
export function equalityKey(value: Value): Uint8Array {
  return encode([["", canonical(value)]]);
}

/** As {@linkcode equalityKey}, for sets and maps. */
export function equalityText(value: Value): string {
  return Buffer.from(equalityKey(value)).toString("latin1");
}

function canonical(value: Value): Value {
  switch (value.type) {
    case TYPE.int:
    case TYPE.long:
    case TYPE.double:
    case TYPE.decimal:
      return canonicalNumber(value);
    case TYPE.symbol:
      return new Value(TYPE.string, value.bytes);
    case TYPE.array:
      return arrayOf(elementsOf(value.bytes).map(canonical));
    case TYPE.object:
      return objectOf(
        [...fieldsOf(value.bytes)].map(([name, field]) => [name, canonical(field)] as const),
      );
    default:
      return value;
  }
}
