import { ObjectId } from "bson";
import {
  arrayOf,
  type Fields,
  MAX_DEPTH,
  NULL,
  objectOf,
  toValue,
  TYPE,
  type Value,
} from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { equalitiesOf } from "./filter.ts";
import { equalityText, isEqual } from "./order.ts";
import { arrayIndex, type Path, sortPaths } from "./path.ts";

export interface Update {
  readonly isReplacement: boolean;
  readonly apply: (document: Fields, isInsert: boolean) => Fields;
}

/** Reads and checks an update: a document of operators or a replacement. */
export function compileUpdate(update: Value): Update {
  const document = update.fields;
  if (document === undefined) throw unsupported(`an update of type ${update.typeName}`, 9);
  const [first = ""] = document.keys();
  const isReplacement = !first.startsWith("$");
  const change = isReplacement ? replacement(document) : modifications(document);
  return {
    isReplacement,
    apply: (before, isInsert) => withSameId(before.get("_id"), change(before, isInsert)),
  };
}

/** The `_id` of a document never changes; that of an upsert may come from the update. */
function withSameId(id: Value | undefined, after: Fields): Fields {
  if (id === undefined) return after;
  const newId = after.get("_id");
  if (newId !== undefined && isEqual(newId, id)) return withId(after, id);
  throw new CommandError(66, "The update would change the (immutable) field '_id'");
}

function replacement(document: Fields): Update["apply"] {
  const operator = document.keys().find((name) => name.startsWith("$"));
  if (operator !== undefined) throw unsupported(`the field name ${operator} in a replacement`, 52);
  return (before) => {
    const id = document.get("_id") ?? before.get("_id");
    return id === undefined ? document : withId(document, id);
  };
}

function modifications(update: Fields): Update["apply"] {
  const modifications = [...update].flatMap(([operator, { fields, typeName }]) => {
    if (fields === undefined) {
      throw new CommandError(9, `Modifiers operate on fields, but ${operator} has a ${typeName}`);
    }
    return Array.from(fields, ([field, argument]) => ({
      path: updatePath(field),
      change: compileOperator(operator, argument),
      isOnInsert: operator === "$setOnInsert",
    }));
  });
  // MongoDB adds fields in the order of their names.
  const conflict = sortPaths(modifications);
  if (conflict !== undefined) {
    throw new CommandError(40, `Updating the path '${conflict}' would create a conflict`);
  }
  return (before, isInsert) => {
    const after = new Map(before);
    for (const { path, change, isOnInsert } of modifications) {
      if (isInsert || !isOnInsert) changeField(after, path, change);
    }
    return after;
  };
}

function updatePath(field: string): Path {
  const path = field.split(".");
  if (path.includes("")) {
    throw new CommandError(56, `The update path '${field}' contains an empty field name.`);
  }
  if (path.length > MAX_DEPTH) {
    throw new CommandError(15, `The update path has more than ${MAX_DEPTH} levels`);
  }
  if (path.some((component) => component.startsWith("$"))) {
    throw unsupported(`the positional update path ${field}`);
  }
  return path;
}

/**
 * The document that an upsert inserts when its filter matched nothing: the fields that the filter fixes, then the update (MongoDB
 * manual, `db.collection.updateOne()`, "Upsert").
 */
export function upsertedDocument(update: Update, filter: Fields): Fields {
  const seed = new Map<string, Value>();
  const fixed = equalitiesOf(filter)
    .filter(([field]) => !update.isReplacement || field === "_id")
    .map(([field, value]) => ({ path: updatePath(field), value }));
  const conflict = sortPaths(fixed);
  if (conflict !== undefined) {
    throw new CommandError(54, `Cannot insert: the filter fixes '${conflict}' twice`);
  }
  for (const { path, value } of fixed) changeField(seed, path, () => value);
  return withId(update.apply(seed, true));
}

/** MongoDB stores `_id` as a document's first field, and makes one where it is missing. */
export function withId(
  document: Fields,
  id: Value = document.get("_id") ?? toValue(new ObjectId()),
): Fields {
  return new Map([["_id", id], ...document, ["_id", id]]);
}

/** Makes the new value of a field of its current one; `undefined` is a field that is not there. */
type Change = (current: Value | undefined) => Value | undefined;

/** Reads an operator with its argument (MongoDB manual, "Update Operators"). */
function compileOperator(operator: string, argument: Value): Change {
  switch (operator) {
    case "$set":
    case "$setOnInsert":
      return () => argument;
    case "$unset":
      return () => undefined;
    case "$push": {
      const additions = additionsOf(operator, argument);
      return (current) => arrayOf([...arrayAt(operator, current), ...additions]);
    }
    case "$addToSet":
      return addToSet(additionsOf(operator, argument));
    default:
      throw unsupported(`the update operator ${operator}`, 9);
  }
}

/** Adds what is not there yet; a document with its fields in another order is another one. */
function addToSet(additions: readonly Value[]): Change {
  return (current) => {
    const elements = arrayAt("$addToSet", current);
    const present = new Set(elements.map(equalityText));
    const missing = additions.filter((addition) => {
      const text = equalityText(addition);
      return !present.has(text) && present.add(text);
    });
    return arrayOf([...elements, ...missing]);
  };
}

function additionsOf(operator: string, argument: Value): readonly Value[] {
  const modifiers = argument.fields;
  const each = modifiers?.get("$each");
  if (modifiers === undefined || each === undefined) return [argument];
  const modifier = modifiers.keys().find((name) => name !== "$each");
  if (modifier !== undefined) throw unsupported(`the modifier ${modifier} of ${operator}`, 2);
  const additions = each.elements;
  if (additions !== undefined) return additions;
  throw new CommandError(14, `The argument to $each in ${operator} must be an array`);
}

function arrayAt(operator: string, current: Value | undefined): readonly Value[] {
  if (current === undefined) return [];
  const { elements, typeName } = current;
  if (elements !== undefined) return elements;
  throw new CommandError(2, `Cannot apply ${operator} to a field of type ${typeName}`);
}

/** MongoDB's limit on the nulls that a write beyond an array's end adds. */
const MAX_ARRAY_PADDING = 1_500_000;

/** Changes one field of a document, with the documents on the way to it that are missing. */
function changeField(fields: Map<string, Value>, [name = "", ...rest]: Path, change: Change): void {
  const after = changeBelow(fields.get(name), rest, change);
  if (after === undefined) fields.delete(name);
  else fields.set(name, after);
}

function changeBelow(current: Value | undefined, path: Path, change: Change): Value | undefined {
  const [next, ...rest] = path;
  if (next === undefined) return change(current);
  const index = arrayIndex(next);
  const elements = index === undefined ? undefined : current?.elements;
  if (elements !== undefined && index !== undefined) {
    const after = changeBelow(elements[index], rest, change);
    // What is removed from an array leaves a null, as in MongoDB.
    if (after !== undefined || index < elements.length) setElement(elements, index, after ?? NULL);
    return arrayOf(elements);
  }
  // Where nothing is, a removal has nothing to do.
  if (current?.type !== TYPE.object && change(undefined) === undefined) return current;
  const fields = current === undefined ? new Map<string, Value>() : current.fields;
  if (fields === undefined) {
    throw new CommandError(28, `Cannot create field '${next}' in a value of another type`);
  }
  changeField(fields, path, change);
  return objectOf(fields);
}

function setElement(elements: Value[], index: number, value: Value): void {
  if (index - elements.length > MAX_ARRAY_PADDING) {
    throw new CommandError(2, `can't backfill more than ${MAX_ARRAY_PADDING} elements`);
  }
  while (elements.length < index) elements.push(NULL);
  elements[index] = value;
}
