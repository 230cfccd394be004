import { ObjectId } from "bson";
import { type Fields, MAX_DEPTH, toValue, TYPE, type Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { equalitiesOf } from "./filter.ts";
import { isEqual } from "./order.ts";
import { arrayIndex } from "./path.ts";
import { type Change, changeField, compileOperator } from "./update_operators.ts";
import { spend } from "./work.ts";

export interface Update {
  readonly isReplacement: boolean;
  readonly apply: (document: Fields, isInsert: boolean) => Fields;
}

/** Reads and checks an update: a document of operators or a replacement. */
export function compileUpdate(update: Value): Update {
  if (update.type === TYPE.array) throw unsupported("an update with a pipeline");
  const document = update.fields;
  if (document === undefined) {
    throw new CommandError(9, "Update argument must be either an object or an array");
  }
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
  if (newId !== undefined && isEqual(newId, id)) {
    return new Map([["_id", id], ...after, ["_id", id]]);
  }
  throw new CommandError(
    66,
    "After applying the update, the (immutable) field '_id' was found to have been altered",
  );
}

function replacement(document: Fields): Update["apply"] {
  checkNames([...document.keys()]);
  return (before) => {
    const id = document.get("_id") ?? before.get("_id");
    return new Map([...(id === undefined ? [] : [["_id", id] as const]), ...document]);
  };
}

function checkNames(names: readonly string[]): void {
  const name = names.find((name) => name.startsWith("$"));
  if (name === undefined) return;
  throw new CommandError(
    52,
    `The dollar ($) prefixed field '${name}' in '${name}' is not valid for storage.`,
  );
}

interface Modification {
  readonly path: readonly string[];
  readonly change: Change;
  readonly isOnInsert: boolean;
}

function modifications(update: Fields): Update["apply"] {
  const modifications = [...update].flatMap(([operator, value]) => {
    const fields = value.fields;
    if (fields === undefined) {
      compileOperator(operator, value);
      throw new CommandError(9, `Modifiers operate on fields but ${operator} has no document`);
    }
    return Array.from(fields, ([field, argument]): Modification => ({
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

function updatePath(field: string): readonly string[] {
  const path = field.split(".");
  if (path.includes("")) {
    throw new CommandError(56, `The update path '${field}' contains an empty field name.`);
  }
  if (path.length > MAX_DEPTH) {
    throw new CommandError(15, `The update path has more than ${MAX_DEPTH} levels`);
  }
  if (path.some((component) => component === "$" || component.startsWith("$["))) {
    throw unsupported("positional update operators");
  }
  checkNames(path);
  return path;
}

/** By component: positions as numbers, names as text. */
function comparePaths(left: readonly string[], right: readonly string[]): number {
  spend();
  for (const [depth, component] of left.entries()) {
    const other = right[depth];
    if (other === undefined) return 1;
    if (component === other) continue;
    const [index, otherIndex] = [arrayIndex(component), arrayIndex(other)];
    if (index !== undefined && otherIndex !== undefined) return index - otherIndex;
    return component < other ? -1 : 1;
  }
  return left.length - right.length;
}

/** Sorts by path; a path that leads through another stands directly behind it, and is returned. */
function sortPaths(list: { readonly path: readonly string[] }[]): string | undefined {
  list.sort((left, right) => comparePaths(left.path, right.path));
  return list.find(({ path }, index) =>
    list[index - 1]?.path.every((component, depth) => component === path[depth])
  )?.path.join(".");
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
    throw new CommandError(
      54,
      `cannot infer query fields to set, path '${conflict}' is matched twice`,
    );
  }
  for (const { path, value } of fixed) changeField(seed, path, () => value);
  return withId(update.apply(seed, true));
}

/** MongoDB stores `_id` as a document's first field, and makes one where it is missing. */
export function withId(document: Fields): Fields {
  const id = document.get("_id") ?? toValue(new ObjectId());
  return new Map([["_id", id], ...document, ["_id", id]]);
}
