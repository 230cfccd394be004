import { type Fields, fieldsOf, NULL, TYPE, type Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { compare, equalityText } from "./order.ts";
import { reach, type Reached } from "./path.ts";
import { spend } from "./work.ts";

export type Filter = (document: Fields) => boolean;

/** A condition on what a path reached in a document. */
type Condition = (reached: readonly Reached[]) => boolean;

/** The operators on a field: each makes a condition of its argument. */
const OPERATORS: ReadonlyMap<string, (argument: Value) => Condition> = new Map([
  ["$eq", equals],
  ["$ne", (argument) => negate(equals(plain(argument, "$ne")))],
  ["$gt", (argument) => comparesTo(plain(argument, "$gt"), (sign) => sign > 0)],
  ["$gte", (argument) => comparesTo(plain(argument, "$gte"), (sign) => sign >= 0)],
  ["$lt", (argument) => comparesTo(plain(argument, "$lt"), (sign) => sign < 0)],
  ["$lte", (argument) => comparesTo(plain(argument, "$lte"), (sign) => sign <= 0)],
  ["$in", (argument) => isIn("$in", argument)],
  ["$nin", (argument) => negate(isIn("$nin", argument))],
  ["$exists", exists],
  ["$type", hasType],
  ["$size", hasSize],
  ["$all", hasAll],
  ["$elemMatch", matchesElement],
  ["$not", matchesNot],
]);

/**
 * Operators that MongoDB has and the stand-in refuses, so that they are not taken for a typing error. A regular expression cannot
 * be interrupted: a hostile one would hold all stand-ins.
 */
const UNSUPPORTED: ReadonlySet<string> = new Set(
  ("$expr $where $text $jsonSchema $sampleRate $regex $options $mod $near $nearSphere $geoWithin " +
    "$geoIntersects $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet").split(" "),
);

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
  if (key.startsWith("$")) throw unknownOperator(key, "unknown top level operator");
  const path = key.split(".");
  const isMet = compileCondition(argument);
  return (document) => isMet(reach(document, path));
}

function compileList(operator: string, list: Value): readonly Filter[] {
  const entries = list.elements ?? [];
  if (entries.length === 0) {
    throw new CommandError(2, `${operator} argument must be a non-empty array`);
  }
  return entries.map((entry) => {
    const filter = entry.fields;
    if (filter !== undefined) return compileFilter(filter);
    throw new CommandError(2, `${operator} argument's entries must be objects`);
  });
}

function unknownOperator(operator: string, complaint: string): CommandError {
  return UNSUPPORTED.has(operator)
    ? unsupported(`the query operator ${operator}`)
    : new CommandError(2, `${complaint}: ${operator}`);
}

/** Compiles what stands behind a field's name: a value, or a document of operators. */
function compileCondition(argument: Value): Condition {
  const operators = argument.operators;
  if (operators === undefined) return equals(withoutRegex(argument));
  const conditions = Array.from(operators, ([operator, argument]) => {
    const compile = OPERATORS.get(operator);
    if (compile === undefined) throw unknownOperator(operator, "unknown operator");
    return compile(argument);
  });
  return (reached) => conditions.every((isMet) => isMet(reached));
}

function withoutRegex(value: Value): Value {
  if (value.type === TYPE.regex) throw unsupported("regular expressions");
  return value;
}

/** MongoDB takes a regular expression for a value like others behind `$eq` alone. */
function plain(argument: Value, operator: string): Value {
  if (argument.type !== TYPE.regex) return argument;
  throw new CommandError(2, `Can't have regex as arg to ${operator}.`);
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
 * Comparison is within one type only (MongoDB manual, "Type Bracketing"), but for the bounds of all types. NaN is equal to itself
 * and neither more nor less than another number.
 */
function comparesTo(bound: Value, accepts: (sign: number) => boolean): Condition {
  if (bound.type === TYPE.undefined) throw new CommandError(2, "cannot compare to undefined");
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

function requiredList(operator: string, argument: Value): readonly Value[] {
  const list = argument.elements;
  if (list === undefined) throw new CommandError(2, `${operator} needs an array`);
  return list;
}

function isIn(operator: string, argument: Value): Condition {
  const list = requiredList(operator, argument);
  for (const value of list.map(withoutRegex)) {
    if (value.operators !== undefined) throw new CommandError(2, "cannot nest $ under $in");
    if (value.type === TYPE.undefined) throw new CommandError(2, "cannot compare to undefined");
  }
  const texts = new Set(list.map(equalityText));
  return anyValue((value) =>
    texts.has(equalityText(value === undefined || value.isNull ? NULL : value))
  );
}

function exists(expected: Value): Condition {
  const isExpected = expected.isTruthy;
  return (reached) => reached.some(({ value }) => value !== undefined) === isExpected;
}

function hasSize(argument: Value): Condition {
  const size = argument.number;
  if (size === undefined || !Number.isInteger(size) || size < 0) {
    throw new CommandError(2, "$size needs a non-negative whole number");
  }
  return (reached) => reached.some(({ value }) => value?.elements?.length === size);
}

/** `$type`, by name or number, one or a list. */
function hasType(argument: Value): Condition {
  const list = argument.elements ?? [argument];
  if (list.length === 0) throw new CommandError(9, "$type must match at least one type");
  const types = new Set(list.flatMap(typeNumbers));
  return anyValue((value) => value !== undefined && types.has(value.type));
}

function typeNumbers(argument: Value): readonly number[] {
  const name = argument.text;
  if (name === "number") return [TYPE.int, TYPE.long, TYPE.double, TYPE.decimal];
  const number = argument.number;
  const found = Object.entries(TYPE).find(([known, type]) =>
    known === name || type === (number === -1 ? TYPE.minKey : number)
  );
  if (found !== undefined) return [found[1]];
  throw new CommandError(2, `Unknown type name alias or number for $type: ${name ?? number}`);
}

function hasAll(argument: Value): Condition {
  const conditions = requiredList("$all", argument).map((entry) => {
    const [operator] = entry.operators?.keys() ?? [];
    if (operator === undefined || operator === "$elemMatch") return compileCondition(entry);
    throw new CommandError(2, "no $ expressions in $all");
  });
  return (reached) => conditions.length > 0 && conditions.every((isMet) => isMet(reached));
}

function matchesNot(argument: Value): Condition {
  if (withoutRegex(argument).operators !== undefined) return negate(compileCondition(argument));
  throw new CommandError(2, "$not needs a regex or a document");
}

/** Operators on the element itself (`{$gt: 5}`), or a filter on the document that it is. */
function matchesElement(argument: Value): Condition {
  const criteria = argument.fields;
  if (criteria === undefined) throw new CommandError(2, "$elemMatch needs an Object");
  const [first = ""] = argument.operators?.keys() ?? [];
  const isMet = first === "" || first === "$comment" || COMBINATIONS.has(first)
    ? matchesDocument(compileFilter(criteria))
    : compileCondition(argument);
  return (reached) =>
    reached.some(({ value }) =>
      value?.elements?.some((element) => isMet([{ value: element, elements: [] }]))
    );
}

/** An array counts as a document whose fields are named by their positions. */
function matchesDocument(matches: Filter): Condition {
  return ([{ value } = {}]) =>
    (value?.type === TYPE.object || value?.type === TYPE.array) && matches(fieldsOf(value.bytes));
}

type Equality = readonly [path: string, value: Value];

/**
 * What a filter fixes to one value, in its order, `$and` included: where a document is looked up, and what an upsert inserts
 * (MongoDB manual, "Upsert with Operator Expressions").
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
    const operators = condition.operators;
    if (operators === undefined) return [[key, condition]];
    return [...operators].flatMap(([operator, argument]): readonly Equality[] => {
      if (operator === "$eq") return [[key, argument]];
      const list = argument.elements ?? [];
      const isFixed = operator === "$all" || (operator === "$in" && list.length === 1);
      return isFixed
        ? list.filter((entry) => entry.operators === undefined).map((entry) => [key, entry])
        : [];
    });
  });
}

/** The only `_id`s that a filter can match, if it says them. */
export function idsOf(filter: Fields): readonly Value[] | undefined {
  const equality = equalitiesOf(filter).find(([path]) => path === "_id");
  return equality !== undefined
    ? [equality[1]]
    : filter.get("_id")?.operators?.get("$in")?.elements;
}
