import { BSONRegExp } from "bson";
import { compare, isEqual, typeRank } from "../bson/compare.ts";
import { numericValue, toNumber } from "../bson/numbers.ts";
import type { Reached } from "../bson/path.ts";
import { toRegExp } from "../bson/regular_expression.ts";
import { bsonType, type BsonTypeName } from "../bson/values.ts";
import { CommandError } from "../errors.ts";

/** Decides on one value, `undefined` when it is missing. */
export type ValueTest = (value: unknown) => boolean;

/** Decides on all values that a path reached in one document. */
export type ReachedTest = (reached: readonly Reached[]) => boolean;

/** True when a value, or an element of a value that is an array, passes the test. */
function anyOf(test: ValueTest): ReachedTest {
  return (reached) =>
    reached.some(({ value, isElement }) =>
      test(value) || (!isElement && Array.isArray(value) && value.some(test))
    );
}

/** The opposite of a test. */
export function negate(test: ReachedTest): ReachedTest {
  return (reached) => !test(reached);
}

/** `$eq`, and a field given plainly; a regular expression matches strings. */
export function equals(expected: unknown): ReachedTest {
  return anyOf(equalsValue(expected));
}

function equalsValue(expected: unknown): ValueTest {
  return (value) => isEqual(value, expected);
}

/** `{field: /pattern/}` and `$regex`. */
export function matchesPattern(expression: RegExp): ReachedTest {
  return anyOf((value) => typeof value === "string" && expression.test(value));
}

/** `$in`; regular expressions in the list match strings. */
export function isIn(list: unknown): ReachedTest {
  if (!Array.isArray(list)) throw new CommandError(2, "$in needs an array");
  const tests = list.map(equalsOrMatches);
  return anyOf((value) => tests.some((test) => test(value)));
}

/** Equality with a value, or a match when it is a regular expression. */
function equalsOrMatches(expected: unknown): ValueTest {
  if (!(expected instanceof BSONRegExp)) return equalsValue(expected);
  const expression = toRegExp(expected.pattern, expected.options);
  return (value) => typeof value === "string" ? expression.test(value) : isEqual(value, expected);
}

/**
 * `$gt`, `$gte`, `$lt`, `$lte`: they compare within one type only (MongoDB manual, "Type Bracketing").
 */
export function comparesTo(bound: unknown, accepts: (sign: number) => boolean): ReachedTest {
  const type = bsonType(bound);
  const isUnbracketed = type === "minKey" || type === "maxKey";
  const isNotANumber = Number.isNaN(numericValue(bound));
  return anyOf((value) => {
    if (!isUnbracketed && typeRank(value) !== typeRank(bound)) return false;
    if (Number.isNaN(numericValue(value)) !== isNotANumber) return false;
    return accepts(compare(value, bound));
  });
}

/** `$exists`. */
export function exists(expected: unknown): ReachedTest {
  const isExpected = isTruthy(expected);
  return (reached) => reached.some(({ value }) => value !== undefined) === isExpected;
}

/** MongoDB's notion of true: everything but false, zero, null and a missing value. */
export function isTruthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && toNumber(value) !== 0;
}

/** `$size`. */
export function hasSize(size: unknown): ReachedTest {
  const expected = toNumber(size);
  if (expected === undefined || !Number.isInteger(expected) || expected < 0) {
    throw new CommandError(2, "$size needs a non-negative whole number");
  }
  return (reached) =>
    reached.some(({ value }) => Array.isArray(value) && value.length === expected);
}

/** `$mod`. */
export function hasRemainder(argument: unknown): ReachedTest {
  const [divisor, remainder] = Array.isArray(argument) ? argument.map(toNumber) : [];
  if (divisor === undefined || remainder === undefined || Math.trunc(divisor) === 0) {
    throw new CommandError(2, "malformed mod, it needs a divisor other than 0 and a remainder");
  }
  return anyOf((value) => {
    const number = toNumber(value);
    return number !== undefined &&
      Math.trunc(number) % Math.trunc(divisor) === Math.trunc(remainder);
  });
}

const TYPE_NUMBERS: Readonly<Record<number, BsonTypeName>> = {
  [-1]: "minKey",
  1: "double",
  2: "string",
  3: "object",
  4: "array",
  5: "binData",
  6: "undefined",
  7: "objectId",
  8: "bool",
  9: "date",
  10: "null",
  11: "regex",
  13: "javascript",
  14: "symbol",
  15: "javascriptWithScope",
  16: "int",
  17: "timestamp",
  18: "long",
  19: "decimal",
  127: "maxKey",
};
const TYPE_NAMES: ReadonlySet<unknown> = new Set(Object.values(TYPE_NUMBERS));
const NUMBER_TYPES: readonly string[] = ["int", "long", "double", "decimal"];

/** `$type`, by name or number, one or a list. */
export function hasType(argument: unknown): ReachedTest {
  const wanted = new Set((Array.isArray(argument) ? argument : [argument]).flatMap(typeNames));
  return anyOf((value) => value !== undefined && wanted.has(bsonType(value)));
}

function typeNames(type: unknown): readonly string[] {
  if (type === "number") return NUMBER_TYPES;
  const name = typeof type === "string" ? type : TYPE_NUMBERS[toNumber(type) ?? NaN];
  if (name === undefined || !TYPE_NAMES.has(name)) {
    throw new CommandError(2, `Unknown type name alias or number for $type: ${String(type)}`);
  }
  return [name];
}
