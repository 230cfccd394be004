import { BSONRegExp } from "bson";
import { reach } from "../bson/path.ts";
import { toRegExp } from "../bson/regular_expression.ts";
import { asDocument, type BsonDocument, isOperatorDocument } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";
import { compileCondition } from "./expressions.ts";
import {
  comparesTo,
  equals,
  exists,
  hasRemainder,
  hasSize,
  hasType,
  isIn,
  matchesPattern,
  negate,
  type ReachedTest,
} from "./predicates.ts";

/** Decides whether a document matches. */
export type Filter = (document: BsonDocument) => boolean;

/** Operators that MongoDB has and the stand-in refuses, so that they are not taken for a typing error. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  "$text",
  "$where",
  "$jsonSchema",
  "$near",
  "$nearSphere",
  "$geoWithin",
  "$geoIntersects",
  "$bitsAllClear",
  "$bitsAllSet",
  "$bitsAnyClear",
  "$bitsAnySet",
]);

/** Operators of a field; `siblings` is the document that the operator stands in. */
const FIELD_OPERATORS: Readonly<
  Record<string, (argument: unknown, siblings: BsonDocument) => ReachedTest>
> = {
  $eq: equals,
  $ne: (argument) => negate(equals(argument)),
  $gt: (argument) => comparesTo(argument, (sign) => sign > 0),
  $gte: (argument) => comparesTo(argument, (sign) => sign >= 0),
  $lt: (argument) => comparesTo(argument, (sign) => sign < 0),
  $lte: (argument) => comparesTo(argument, (sign) => sign <= 0),
  $in: isIn,
  $nin: (argument) => negate(isIn(argument)),
  $exists: exists,
  $type: hasType,
  $size: hasSize,
  $mod: hasRemainder,
  $regex: regularExpression,
  $options: (_, siblings) => {
    if (Object.hasOwn(siblings, "$regex")) return () => true;
    throw new CommandError(2, "$options needs a $regex");
  },
  $not: (argument) => {
    if (isOperatorDocument(argument) || argument instanceof BSONRegExp) {
      return negate(compileFieldCondition(argument));
    }
    throw new CommandError(2, "$not needs a regex or a document");
  },
  $all: (argument) => {
    if (!Array.isArray(argument)) throw new CommandError(2, "$all needs an array");
    const tests = argument.map(compileFieldCondition);
    return (reached) => tests.length > 0 && tests.every((test) => test(reached));
  },
  $elemMatch: elementMatch,
};

/**
 * Compiles a query filter (MongoDB manual, "Query and Projection Operators").
 *
 * @throws {CommandError} 2 when it is malformed, 238 when it uses what the stand-in does not have.
 */
export function compileFilter(filter: BsonDocument): Filter {
  const tests = Object.entries(filter).map(([key, condition]) => compileEntry(key, condition));
  return (document) => tests.every((test) => test(document));
}

function compileEntry(key: string, condition: unknown): Filter {
  switch (key) {
    case "$and": {
      const filters = compileList(key, condition);
      return (document) => filters.every((matches) => matches(document));
    }
    case "$or": {
      const filters = compileList(key, condition);
      return (document) => filters.some((matches) => matches(document));
    }
    case "$nor": {
      const filters = compileList(key, condition);
      return (document) => !filters.some((matches) => matches(document));
    }
    case "$expr":
      return compileCondition(condition);
    case "$comment":
      return () => true;
  }
  if (UNSUPPORTED.has(key)) throw unsupported(`the query operator ${key}`);
  if (key.startsWith("$")) {
    throw new CommandError(
      2,
      `unknown top level operator: ${key}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
    );
  }
  const path = key.split(".");
  const test = compileFieldCondition(condition);
  return (document) => test(reach(document, path));
}

function compileList(operator: string, list: unknown): readonly Filter[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw new CommandError(2, `${operator} argument must be a non-empty array`);
  }
  return list.map((entry) => {
    const filter = asDocument(entry);
    if (filter !== undefined) return compileFilter(filter);
    throw new CommandError(2, `${operator} argument's entries must be objects`);
  });
}

/** Compiles what stands behind a field's name: a value, a regular expression or a document of operators. */
function compileFieldCondition(condition: unknown): ReachedTest {
  if (condition instanceof BSONRegExp) {
    return matchesPattern(toRegExp(condition.pattern, condition.options));
  }
  if (!isOperatorDocument(condition)) return equals(condition);
  const tests = Object.entries(condition).map(([operator, argument]) => {
    const compile = Object.hasOwn(FIELD_OPERATORS, operator)
      ? FIELD_OPERATORS[operator]
      : undefined;
    if (compile !== undefined) return compile(argument, condition);
    if (UNSUPPORTED.has(operator)) throw unsupported(`the query operator ${operator}`);
    throw new CommandError(2, `unknown operator: ${operator}`);
  });
  return (reached) => tests.every((test) => test(reached));
}

function regularExpression(argument: unknown, siblings: BsonDocument): ReachedTest {
  const options = siblings.$options ?? "";
  if (typeof options !== "string") throw new CommandError(2, "$options has to be a string");
  if (argument instanceof BSONRegExp) {
    return matchesPattern(toRegExp(argument.pattern, options === "" ? argument.options : options));
  }
  if (typeof argument !== "string") throw new CommandError(2, "$regex has to be a string");
  return matchesPattern(toRegExp(argument, options));
}

const DOCUMENT_OPERATORS: ReadonlySet<string> = new Set(["$and", "$or", "$nor", "$expr"]);

function elementMatch(argument: unknown): ReachedTest {
  const criteria = asDocument(argument);
  if (criteria === undefined) throw new CommandError(2, "$elemMatch needs an Object");
  const test = compileElement(criteria);
  return (reached) => reached.some(({ value }) => Array.isArray(value) && value.some(test));
}

/**
 * Compiles what an element of an array has to match: operators on the element itself (`{$gt: 5}`) or a filter on the
 * document that it is.
 */
export function compileElement(criteria: BsonDocument): (element: unknown) => boolean {
  if (isOperatorDocument(criteria) && !DOCUMENT_OPERATORS.has(Object.keys(criteria)[0] ?? "")) {
    const test = compileFieldCondition(criteria);
    return onElement(test);
  }
  const matches = compileFilter(criteria);
  return (element) => {
    const document = asDocument(element);
    return document !== undefined && matches(document);
  };
}

/** The condition of `$pull`: operators, a filter on documents, or the value itself. */
export function compilePullCondition(condition: unknown): (element: unknown) => boolean {
  const criteria = asDocument(condition);
  if (isOperatorDocument(condition)) {
    const test = compileFieldCondition(condition);
    // Unlike in $elemMatch, operators see the elements of an element.
    return (value) => test([{ value, isElement: false }]);
  }
  if (criteria !== undefined) return compileElement(criteria);
  return onElement(compileFieldCondition(condition));
}

function onElement(test: ReachedTest): (element: unknown) => boolean {
  return (value) => test([{ value, isElement: true }]);
}
