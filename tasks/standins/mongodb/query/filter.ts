import { numberOf } from "../bson/number.ts";
import { reach } from "../bson/path.ts";
import {
  documentOf,
  type Fields,
  fieldsOf,
  listOf,
  operatorsOf,
  TYPE,
  type Value,
} from "../bson/value.ts";
import { CommandError, unsupported } from "../errors.ts";
import {
  comparesTo,
  equals,
  exists,
  hasSize,
  hasType,
  isIn,
  negate,
  type ReachedTest,
} from "./predicates.ts";

export type Filter = (document: Fields) => boolean;

/**
 * Operators that MongoDB has and the stand-in refuses, so that they are not taken for a typing error. A regular expression cannot
 * be interrupted: a hostile one would hold all stand-ins.
 */
const UNSUPPORTED: ReadonlySet<string> = new Set(
  ("$expr $where $text $jsonSchema $sampleRate $regex $options $mod $near $nearSphere $geoWithin " +
    "$geoIntersects $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet").split(" "),
);

/** Compiles a query filter (MongoDB manual, "Query and Projection Operators"). */
export function compileFilter(filter: Fields): Filter {
  const tests = Array.from(filter, ([key, condition]) => compileEntry(key, condition));
  return (document) => tests.every((test) => test(document));
}

const COMBINATIONS: ReadonlyMap<string, (filters: readonly Filter[]) => Filter> = new Map([
  ["$and", (filters) => (document) => filters.every((matches) => matches(document))],
  ["$or", (filters) => (document) => filters.some((matches) => matches(document))],
  ["$nor", (filters) => (document) => !filters.some((matches) => matches(document))],
]);

function compileEntry(key: string, condition: Value): Filter {
  const combine = COMBINATIONS.get(key);
  if (combine !== undefined) return combine(compileList(key, condition));
  if (key === "$comment") return () => true;
  if (key.startsWith("$")) throw unknownOperator(key, "unknown top level operator");
  const [first = "", ...rest] = key.split(".");
  const test = compileCondition(condition);
  return (document) => test(reach(document.get(first), rest));
}

function compileList(operator: string, list: Value): readonly Filter[] {
  const entries = listOf(list) ?? [];
  if (entries.length === 0) {
    throw new CommandError(2, `${operator} argument must be a non-empty array`);
  }
  return entries.map((entry) => {
    const filter = documentOf(entry);
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
function compileCondition(condition: Value): ReachedTest {
  if (condition.type === TYPE.regex) throw unsupported("regular expressions");
  const operators = operatorsOf(condition);
  if (operators === undefined) return equals(condition);
  const tests = Array.from(
    operators,
    ([operator, argument]) => compileOperator(operator, argument),
  );
  return (reached) => tests.every((test) => test(reached));
}

function compileOperator(operator: string, argument: Value): ReachedTest {
  switch (operator) {
    case "$eq":
      return equals(argument);
    case "$ne":
      return negate(equals(argument));
    case "$gt":
      return comparesTo(argument, (sign) => sign > 0);
    case "$gte":
      return comparesTo(argument, (sign) => sign >= 0);
    case "$lt":
      return comparesTo(argument, (sign) => sign < 0);
    case "$lte":
      return comparesTo(argument, (sign) => sign <= 0);
    case "$in":
      return isIn(requiredList(operator, argument));
    case "$nin":
      return negate(isIn(requiredList(operator, argument)));
    case "$exists":
      return exists(argument);
    case "$type":
      return hasType(argument);
    case "$size":
      return hasSize(numberOf(argument));
    case "$all":
      return hasAll(requiredList(operator, argument));
    case "$elemMatch":
      return matchesElement(argument);
    case "$not":
      if (operatorsOf(argument) === undefined && argument.type !== TYPE.regex) {
        throw new CommandError(2, "$not needs a regex or a document");
      }
      return negate(compileCondition(argument));
    default:
      throw unknownOperator(operator, "unknown operator");
  }
}

function requiredList(operator: string, argument: Value): readonly Value[] {
  const list = listOf(argument);
  if (list === undefined) throw new CommandError(2, `${operator} needs an array`);
  return list;
}

function hasAll(list: readonly Value[]): ReachedTest {
  const tests = list.map((entry) => {
    const [operator] = operatorsOf(entry)?.keys() ?? [];
    if (operator === undefined || operator === "$elemMatch") return compileCondition(entry);
    throw new CommandError(2, "no $ expressions in $all");
  });
  return (reached) => tests.length > 0 && tests.every((test) => test(reached));
}

/** Operators on the element itself (`{$gt: 5}`), or a filter on the document that it is. */
function matchesElement(argument: Value): ReachedTest {
  const criteria = documentOf(argument);
  if (criteria === undefined) throw new CommandError(2, "$elemMatch needs an Object");
  const [first = ""] = operatorsOf(argument)?.keys() ?? [];
  const test = first === "" || first === "$comment" || COMBINATIONS.has(first)
    ? matchesDocument(compileFilter(criteria))
    : compileCondition(argument);
  return (reached) =>
    reached.some(({ value }) =>
      listOf(value)?.some((element) => test([{ value: element, elements: [] }]))
    );
}

/** An array counts as a document whose fields are named by their positions. */
function matchesDocument(matches: Filter): ReachedTest {
  return ([{ value } = {}]) =>
    (value?.type === TYPE.object || value?.type === TYPE.array) && matches(fieldsOf(value.bytes));
}

export type Equality = readonly [path: string, value: Value];

/**
 * What a filter fixes to one value, in its order, `$and` included: where a document is looked up, and what an upsert inserts
 * (MongoDB manual, "Upsert with Operator Expressions").
 */
export function equalitiesOf(filter: Fields): readonly Equality[] {
  return [...filter].flatMap(([key, condition]): readonly Equality[] => {
    if (key === "$and" || key === "$or") {
      const entries = listOf(condition) ?? [];
      return key === "$and" || entries.length === 1
        ? entries.flatMap((entry) => equalitiesOf(documentOf(entry) ?? new Map()))
        : [];
    }
    if (key.startsWith("$")) return [];
    const operators = operatorsOf(condition);
    if (operators === undefined) return [[key, condition]];
    return [...operators].flatMap(([operator, argument]): readonly Equality[] => {
      if (operator === "$eq") return [[key, argument]];
      const list = listOf(argument) ?? [];
      const isFixed = operator === "$all" || (operator === "$in" && list.length === 1);
      return isFixed
        ? list.filter((entry) => operatorsOf(entry) === undefined).map((entry) => [key, entry])
        : [];
    });
  });
}

export function idsOf(filter: Fields): readonly Value[] | undefined {
  const equality = equalitiesOf(filter).find(([path]) => path === "_id");
  if (equality !== undefined) return [equality[1]];
  const list = operatorsOf(filter.get("_id"))?.get("$in");
  return listOf(list);
}
