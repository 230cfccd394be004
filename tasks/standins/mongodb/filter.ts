import { type Fields, NULL, TYPE, type Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { compare, equalityText } from "./order.ts";
import { reach, type Reached } from "./path.ts";
import { spend } from "./work.ts";

export type Filter = (document: Fields) => boolean;

/** A condition on the values at a path in a document. */
type Condition = (reached: readonly Reached[]) => boolean;

const OPERATORS: ReadonlyMap<string, (argument: Value) => Condition> = new Map([
  ["$eq", equals],
  ["$ne", (argument) => negate(equals(argument))],
  ["$gt", (argument) => comparesTo(argument, (sign) => sign > 0)],
  ["$gte", (argument) => comparesTo(argument, (sign) => sign >= 0)],
  ["$lt", (argument) => comparesTo(argument, (sign) => sign < 0)],
  ["$lte", (argument) => comparesTo(argument, (sign) => sign <= 0)],
  ["$in", isIn],
  ["$nin", (argument) => negate(isIn(argument))],
  ["$exists", exists],
  ["$type", hasType],
  ["$size", hasSize],
  ["$not", matchesNot],
]);

const COMBINATIONS: ReadonlyMap<string, (filters: readonly Filter[]) => Filter> = new Map([
  ["$and", (filters) => (document) => filters.every((matches) => matches(document))],
  ["$or", (filters) => (document) => filters.some((matches) => matches(document))],
  ["$nor", (filters) => (document) => !filters.some((matches) => matches(document))],
]);

/** Compiles a query filter (MongoDB manual, "Query and Projection Operators"). */
export function compileFilter(filter: Fields): Filter {
  const tests = Array.from(filter, ([key, condition]) => compileEntry(key, condition));
  return (document) => tests.every((test) => test(document));
}

function compileEntry(key: string, argument: Value): Filter {
  spend();
  const combine = COMBINATIONS.get(key);
  if (combine !== undefined) return combine(compileList(key, argument));
  if (key === "$comment") return () => true;
  if (key.startsWith("$")) throw unsupported(`the query operator ${key}`, 2);
  const path = key.split(".");
  const isMet = compileCondition(argument);
  return (document) => isMet(reach(document, path));
}

function compileList(operator: string, list: Value): readonly Filter[] {
  const filters = list.elements?.map(({ fields }) => fields) ?? [];
  if (filters.length > 0 && filters.every((filter) => filter !== undefined)) {
    return filters.map(compileFilter);
  }
  throw new CommandError(2, `${operator} argument must be a non-empty array of objects`);
}

/** Compiles a field's condition: a value, or a document of operators. */
function compileCondition(argument: Value): Condition {
  const operators = argument.operators;
  if (operators === undefined) return equals(argument);
  const conditions = Array.from(operators, ([operator, argument]) => {
    const compile = OPERATORS.get(operator);
    if (compile === undefined) throw unsupported(`the query operator ${operator}`, 2);
    return compile(argument);
  });
  return (reached) => conditions.every((isMet) => isMet(reached));
}

/** A regular expression cannot be interrupted: a hostile one would block all stand-ins. */
function checkComparable({ type, typeName }: Value): void {
  if (type !== TYPE.regex && type !== TYPE.undefined) return;
  throw unsupported(`a query that compares with a value of type ${typeName}`, 2);
}

function negate(isMet: Condition): Condition {
  return (reached) => !isMet(reached);
}

/** True when a value, or an element of one that is an array, passes the test. */
function anyValue(test: (value: Value | undefined) => boolean): Condition {
  return (reached) =>
    reached.some(({ value, elements }) => {
      spend(1 + elements.length);
      return test(value) || elements.some(test);
    });
}

function equals(expected: Value): Condition {
  return comparesTo(expected, (sign) => sign === 0);
}

/**
 * Compares within one type only (MongoDB manual, "Type Bracketing"), except for the bounds of all types. NaN is equal to itself
 * and neither more nor less than another number.
 */
function comparesTo(bound: Value, accepts: (sign: number) => boolean): Condition {
  checkComparable(bound);
  const isEverythingsBound = bound.type === TYPE.minKey || bound.type === TYPE.maxKey;
  const isNotANumber = Number.isNaN(bound.number);
  return anyValue((value) => {
    // Null and a missing value are equal to each other.
    if (bound.isNull) return (value?.isNull ?? true) && accepts(0);
    if (isEverythingsBound && value?.type !== bound.type) {
      return accepts(bound.type === TYPE.minKey ? 1 : -1);
    }
    if (value === undefined || value.rank !== bound.rank) return false;
    if (Number.isNaN(value.number) !== isNotANumber) return false;
    return accepts(compare(value, bound));
  });
}

function isIn(argument: Value): Condition {
  const list = argument.elements;
  if (list === undefined || list.some(({ operators }) => operators !== undefined)) {
    throw new CommandError(2, "$in and $nin need an array of values, without operators");
  }
  list.forEach(checkComparable);
  const texts = new Set(list.map(equalityText));
  return anyValue((value) =>
    texts.has(equalityText(value === undefined || value.isNull ? NULL : value))
  );
}

function exists(expected: Value): Condition {
  const isExpected = expected.isTruthy;
  return (reached) => reached.some(({ value }) => value !== undefined) === isExpected;
}

function hasSize({ number: size = NaN }: Value): Condition {
  if (!Number.isInteger(size) || size < 0) {
    throw new CommandError(2, "$size needs a non-negative whole number");
  }
  return (reached) => reached.some(({ value }) => value?.elements?.length === size);
}

/** `$type`, by name, one or a list. */
function hasType(argument: Value): Condition {
  const list = argument.elements ?? [argument];
  if (list.length === 0) throw new CommandError(9, "$type must match at least one type");
  const types = new Set(list.flatMap(typesOf));
  return anyValue((value) => value !== undefined && types.has(value.type));
}

function typesOf({ text: name, number }: Value): readonly number[] {
  if (name === "number") return [TYPE.int, TYPE.long, TYPE.double, TYPE.decimal];
  const found = Object.entries(TYPE).find(([known]) => known === name);
  if (found !== undefined) return [found[1]];
  throw new CommandError(2, `Unknown type name for $type: ${name ?? number}`);
}

function matchesNot(argument: Value): Condition {
  if (argument.operators !== undefined) return negate(compileCondition(argument));
  throw new CommandError(2, "$not needs a document of operators");
}

type Equality = readonly [path: string, value: Value];

/**
 * The fields that a filter fixes to one value, in order, `$and` included: for looking up a document, and for what an upsert
 * inserts (MongoDB manual, "Upsert with Operator Expressions").
 */
export function equalitiesOf(filter: Fields): readonly Equality[] {
  return [...filter].flatMap(([key, condition]): readonly Equality[] => {
    if (key === "$and" || key === "$or") {
      const entries = condition.elements ?? [];
      return key === "$and" || entries.length === 1
        ? entries.flatMap((entry) => equalitiesOf(entry.fields ?? new Map()))
        : [];
    }
    if (key.startsWith("$")) return [];
    const operators = condition.operators ?? new Map([["$eq", condition]]);
    return [...operators].flatMap(([operator, argument]): readonly Equality[] => {
      if (operator === "$eq") return [[key, argument]];
      const [only, second] = operator === "$in" ? argument.elements ?? [] : [];
      return only === undefined || second !== undefined ? [] : [[key, only]];
    });
  });
}

/** The only `_id`s that a filter can match, if it fixes them. */
export function idsOf(filter: Fields): readonly Value[] | undefined {
  const equality = equalitiesOf(filter).find(([path]) => path === "_id");
  return equality !== undefined
    ? [equality[1]]
    : filter.get("_id")?.operators?.get("$in")?.elements;
}
