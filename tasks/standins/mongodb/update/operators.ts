import { Double, Int32, Long, Timestamp } from "bson";
import { compare } from "../bson/compare.ts";
import { ADDITION, calculate, MULTIPLICATION, numericValue } from "../bson/numbers.ts";
import { asDocument, decode, encode } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { addToSet, pop, pull, pullAll, push } from "./array_operators.ts";
import { REMOVED } from "./path.ts";

/** What one operator makes of one field. */
export type FieldOperator = (current: unknown, argument: unknown) => unknown;

/** MongoDB manual, "Update Operators". `$rename` touches two fields and stands in compile.ts. */
export const FIELD_OPERATORS: ReadonlyMap<string, FieldOperator> = new Map<string, FieldOperator>([
  ["$set", (_, argument) => copy(argument)],
  ["$setOnInsert", (_, argument) => copy(argument)],
  ["$unset", () => REMOVED],
  ["$inc", (current, amount) => calculate(ADDITION, orZero(current), amount)],
  ["$mul", multiply],
  ["$min", (current, bound) => isAbsentOr(current, compare(bound, current) < 0) ? bound : current],
  ["$max", (current, bound) => isAbsentOr(current, compare(bound, current) > 0) ? bound : current],
  ["$currentDate", (_, type) => currentDate(type)],
  ["$bit", bitwise],
  ["$push", push],
  ["$addToSet", addToSet],
  ["$pull", pull],
  ["$pullAll", pullAll],
  ["$pop", pop],
]);

/** One argument may be written to several documents or elements: none of them may share it. */
function copy(value: unknown): unknown {
  return typeof value === "object" && value !== null ? decode(encode({ value })).value : value;
}

/** A missing field counts as zero; null is no number. */
function orZero(current: unknown): unknown {
  return current === undefined ? new Int32(0) : current;
}

function multiply(current: unknown, factor: unknown): unknown {
  return calculate(MULTIPLICATION, orZero(current), factor);
}

function isAbsentOr(current: unknown, isBetter: boolean): boolean {
  return current === undefined || isBetter;
}

function currentDate(type: unknown): unknown {
  const name = type === true ? "date" : asDocument(type)?.$type;
  if (name === "date") return new Date();
  if (name === "timestamp") return new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  throw new CommandError(
    2,
    "$currentDate needs true, {$type: 'date'} or {$type: 'timestamp'}",
  );
}

function bitwise(current: unknown, argument: unknown): unknown {
  const operations = Object.entries(asDocument(argument) ?? {});
  if (operations.length === 0) throw new CommandError(2, "$bit needs one of and, or, xor");
  return operations.reduce<unknown>(
    (value, [name, operand]) => bitOperation(name, value, operand),
    orZero(current),
  );
}

function bitOperation(name: string, left: unknown, right: unknown): Int32 | Long {
  const [leftValue, rightValue] = [numericValue(left), numericValue(right)];
  if (
    leftValue === undefined || rightValue === undefined ||
    left instanceof Double || right instanceof Double
  ) {
    throw new CommandError(2, "Cannot apply $bit to a value that is no whole number");
  }
  const result = bitResult(name, BigInt(leftValue), BigInt(rightValue));
  return left instanceof Long || right instanceof Long
    ? Long.fromBigInt(result)
    : new Int32(Number(result));
}

function bitResult(name: string, left: bigint, right: bigint): bigint {
  switch (name) {
    case "and":
      return left & right;
    case "or":
      return left | right;
    case "xor":
      return left ^ right;
    default:
      throw new CommandError(2, `Cannot apply $bit with '${name}'; it takes and, or, xor`);
  }
}
