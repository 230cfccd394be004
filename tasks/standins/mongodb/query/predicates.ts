import { isTruthy, numberOf } from "../bson/number.ts";
import { compare, equalityText, rankOf } from "../bson/order.ts";
import type { Reached } from "../bson/path.ts";
import { listOf, textOf, TYPE, Value } from "../bson/value.ts";
import { CommandError, unsupported } from "../errors.ts";
import { spend } from "../work.ts";

export type ReachedTest = (reached: readonly Reached[]) => boolean;

/** True when a value, or an element of one that is an array, passes the test. */
export function anyValue(test: (value: Value | undefined) => boolean): ReachedTest {
  return (reached) =>
    reached.some(({ value, elements }) => {
      spend(1 + elements.length);
      return test(value) || elements.some(test);
    });
}

export function negate(test: ReachedTest): ReachedTest {
  return (reached) => !test(reached);
}

/** Null and a missing value are equal to each other. */
function isNullish(value: Value | undefined): boolean {
  return value === undefined || value.type === TYPE.null || value.type === TYPE.undefined;
}

/** `$eq`, and a value given plainly. */
export function equals(expected: Value): ReachedTest {
  return comparesTo(expected, (sign) => sign === 0);
}

/**
 * `$gt`, `$gte`, `$lt`, `$lte`: they compare within one type only (MongoDB manual, "Type Bracketing"), but for the bounds of all
 * types. NaN is equal to itself and neither more nor less than another number.
 */
export function comparesTo(bound: Value, accepts: (sign: number) => boolean): ReachedTest {
  const isEverythingsBound = bound.type === TYPE.minKey || bound.type === TYPE.maxKey;
  const isNotANumber = Number.isNaN(numberOf(bound));
  return anyValue((value) => {
    if (isNullish(bound)) return isNullish(value) && accepts(0);
    if (isEverythingsBound && value?.type !== bound.type) {
      return accepts(bound.type === TYPE.minKey ? 1 : -1);
    }
    if (value === undefined || rankOf(value) !== rankOf(bound)) return false;
    if (Number.isNaN(numberOf(value)) !== isNotANumber) return false;
    return accepts(compare(value, bound));
  });
}

export function isIn(list: readonly Value[]): ReachedTest {
  if (list.some(({ type }) => type === TYPE.regex)) throw unsupported("regular expressions");
  const texts = new Set(list.map(equalityText));
  const hasNull = list.some(isNullish);
  return anyValue((value) =>
    value === undefined || isNullish(value) ? hasNull : texts.has(equalityText(value))
  );
}

export function exists(expected: Value): ReachedTest {
  const isExpected = isTruthy(expected);
  return (reached) => reached.some(({ value }) => value !== undefined) === isExpected;
}

export function hasSize(size: number | undefined): ReachedTest {
  if (size === undefined || !Number.isInteger(size) || size < 0) {
    throw new CommandError(2, "$size needs a non-negative whole number");
  }
  return (reached) => reached.some(({ value }) => listOf(value)?.length === size);
}

/** `$type`, by name or number, one or a list. */
export function hasType(argument: Value): ReachedTest {
  const list = listOf(argument) ?? [argument];
  const types = new Set(list.flatMap(typeNumbers));
  return anyValue((value) => value !== undefined && types.has(value.type));
}

function typeNumbers(argument: Value): readonly number[] {
  const name = textOf(argument);
  if (name === "number") return [TYPE.int, TYPE.long, TYPE.double, TYPE.decimal];
  const number = numberOf(argument);
  const found = Object.entries(TYPE).find(([known, type]) =>
    known === name || type === (number === -1 ? TYPE.minKey : number)
  );
  if (found !== undefined) return [found[1]];
  throw new CommandError(2, `Unknown type name alias or number for $type: ${name ?? number}`);
}
