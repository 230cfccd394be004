import { compare, isEqual } from "../bson/compare.ts";
import { toNumber } from "../bson/numbers.ts";
import { asDocument, type BsonDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { compilePullCondition } from "../query/filter.ts";
import { compileSort } from "../query/sort.ts";

const PUSH_MODIFIERS: ReadonlySet<string> = new Set(["$each", "$slice", "$sort", "$position"]);

/** `$push`, with `$each`, `$position`, `$sort` and `$slice`, which MongoDB applies in this order. */
export function push(current: unknown, argument: unknown): unknown {
  const array = arrayOf(current, "$push");
  const modifiers = asDocument(argument);
  if (modifiers === undefined || !Object.hasOwn(modifiers, "$each")) return [...array, argument];
  const unknown = Object.keys(modifiers).find((name) => !PUSH_MODIFIERS.has(name));
  if (unknown !== undefined) {
    throw new CommandError(2, `Unrecognized clause in $push: ${unknown}`);
  }
  const position = wholeNumber(modifiers, "$position") ?? array.length;
  const result = [...array];
  result.splice(position, 0, ...eachOf(modifiers, "$push"));
  if (modifiers.$sort !== undefined) result.sort(elementOrder(modifiers.$sort));
  const slice = wholeNumber(modifiers, "$slice");
  if (slice === undefined) return result;
  return slice >= 0 ? result.slice(0, slice) : result.slice(slice);
}

/** `$addToSet`, with `$each`: adds what is not there yet; a document with its fields in another order is another one. */
export function addToSet(current: unknown, argument: unknown): unknown {
  const result = [...arrayOf(current, "$addToSet")];
  const modifiers = asDocument(argument);
  const additions = modifiers !== undefined && Object.hasOwn(modifiers, "$each")
    ? eachOf(modifiers, "$addToSet")
    : [argument];
  for (const addition of additions) {
    if (!result.some((element) => isEqual(element, addition))) result.push(addition);
  }
  return result;
}

/** `$pull`: removes what matches a value or a condition. */
export function pull(current: unknown, condition: unknown): unknown {
  if (current === undefined) return current;
  const matches = compilePullCondition(condition);
  return arrayOf(current, "$pull").filter((element) => !matches(element));
}

/** `$pullAll`: removes every value of a list. */
export function pullAll(current: unknown, values: unknown): unknown {
  if (!Array.isArray(values)) throw new CommandError(2, "$pullAll requires an array argument");
  if (current === undefined) return current;
  return arrayOf(current, "$pullAll")
    .filter((element) => !values.some((value) => isEqual(value, element)));
}

/** `$pop`: removes the last element (1) or the first one (-1). */
export function pop(current: unknown, argument: unknown): unknown {
  const end = toNumber(argument);
  if (end !== 1 && end !== -1) throw new CommandError(9, "$pop expects 1 or -1");
  if (current === undefined) return current;
  const array = arrayOf(current, "$pop");
  return end === 1 ? array.slice(0, -1) : array.slice(1);
}

function arrayOf(current: unknown, operator: string): readonly unknown[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw new CommandError(
    operator === "$pop" ? 14 : 2,
    `Cannot apply ${operator} to a value that is not an array`,
  );
}

function eachOf(modifiers: BsonDocument, operator: string): readonly unknown[] {
  if (Array.isArray(modifiers.$each)) return modifiers.$each;
  throw new CommandError(
    operator === "$push" ? 2 : 14,
    `The argument to $each in ${operator} must be an array`,
  );
}

function wholeNumber(modifiers: BsonDocument, name: string): number | undefined {
  const value = modifiers[name];
  if (value === undefined) return undefined;
  const number = toNumber(value);
  if (number !== undefined && Number.isInteger(number)) return number;
  throw new CommandError(2, `The value for ${name} must be a whole number`);
}

function elementOrder(specification: unknown): (left: unknown, right: unknown) => number {
  const fields = asDocument(specification);
  if (fields === undefined) {
    const sign = toNumber(specification);
    if (sign === 1 || sign === -1) return (left, right) => compare(left, right) * sign;
    throw new CommandError(2, "The $sort is invalid: use 1, -1 or {field: 1 or -1}");
  }
  const { keyOf, compareKeys } = compileSort(fields);
  return (left, right) =>
    compareKeys(keyOf(asDocument(left) ?? {}), keyOf(asDocument(right) ?? {}));
}
