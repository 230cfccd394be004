import { Binary, BSONRegExp, Code, ObjectId, Timestamp } from "bson";
import { type NumericValue, numericValue } from "./numbers.ts";
import { asDocument, type BsonDocument, bsonType, type BsonTypeName } from "./values.ts";

/** MongoDB manual, "Comparison/Sort Order". A missing value sorts as null. */
const RANK: Readonly<Record<BsonTypeName, number>> = {
  minKey: 1,
  undefined: 2,
  null: 2,
  int: 3,
  long: 3,
  double: 3,
  decimal: 3,
  symbol: 4,
  string: 4,
  object: 5,
  array: 6,
  binData: 7,
  objectId: 8,
  bool: 9,
  date: 10,
  timestamp: 11,
  regex: 12,
  javascript: 13,
  javascriptWithScope: 14,
  maxKey: 15,
};

/** The place of a value's type in MongoDB's order; numbers of all types share one. */
export function typeRank(value: unknown): number {
  return RANK[bsonType(value)];
}

/**
 * Orders two values as MongoDB sorts them: by type, then by value; the order of a document's fields counts.
 */
export function compare(left: unknown, right: unknown): number {
  const rank = typeRank(left);
  const byType = rank - typeRank(right);
  if (byType !== 0) return byType;
  switch (rank) {
    case RANK.int:
      return compareNumbers(numericValue(left) ?? NaN, numericValue(right) ?? NaN);
    case RANK.string:
      return order(String(left), String(right));
    case RANK.object:
      return compareDocuments(asDocument(left) ?? {}, asDocument(right) ?? {});
    case RANK.array:
      return compareArrays(left, right);
    case RANK.binData:
      return compareBinaries(left, right);
    case RANK.objectId:
      return left instanceof ObjectId && right instanceof ObjectId
        ? order(left.toHexString(), right.toHexString())
        : 0;
    case RANK.timestamp:
      return left instanceof Timestamp && right instanceof Timestamp ? left.compare(right) : 0;
    case RANK.bool:
    case RANK.date:
      return order(Number(left), Number(right));
    case RANK.regex:
      return left instanceof BSONRegExp && right instanceof BSONRegExp
        ? order(left.pattern, right.pattern) || order(left.options, right.options)
        : 0;
    case RANK.javascript:
    case RANK.javascriptWithScope:
      return left instanceof Code && right instanceof Code ? order(left.code, right.code) : 0;
    default:
      return 0;
  }
}

/** True when MongoDB takes both for the same value: 1 and 1.0 are. */
export function isEqual(left: unknown, right: unknown): boolean {
  return compare(left, right) === 0;
}

function order<Value extends NumericValue | string>(left: Value, right: Value): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareNumbers(left: NumericValue, right: NumericValue): number {
  const byNotANumber = Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  return byNotANumber !== 0 ? byNotANumber : order(left, right);
}

function compareDocuments(left: BsonDocument, right: BsonDocument): number {
  const [leftFields, rightFields] = [Object.entries(left), Object.entries(right)];
  for (const [index, [leftName, leftValue]] of leftFields.entries()) {
    const rightField = rightFields[index];
    if (rightField === undefined) return 1;
    const [rightName, rightValue] = rightField;
    const difference = typeRank(leftValue) - typeRank(rightValue) ||
      order(leftName, rightName) || compare(leftValue, rightValue);
    if (difference !== 0) return difference;
  }
  return leftFields.length - rightFields.length;
}

function compareArrays(left: unknown, right: unknown): number {
  if (!Array.isArray(left) || !Array.isArray(right)) return 0;
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = compare(left[index], right[index]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareBinaries(left: unknown, right: unknown): number {
  if (!(left instanceof Binary) || !(right instanceof Binary)) return 0;
  const difference = left.position - right.position || left.sub_type - right.sub_type;
  if (difference !== 0) return difference;
  for (let index = 0; index < left.position; index++) {
    const byByte = (left.buffer[index] ?? 0) - (right.buffer[index] ?? 0);
    if (byByte !== 0) return byByte;
  }
  return 0;
}
