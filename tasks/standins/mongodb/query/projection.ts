import { isTruthy, numberOf } from "../bson/number.ts";
import {
  arrayOf,
  documentOf,
  elementsOf,
  type Fields,
  fieldsOf,
  objectOf,
  operatorsOf,
  TYPE,
  type Value,
} from "../bson/value.ts";
import { CommandError, unsupported } from "../errors.ts";
import { checkPath } from "./field_path.ts";

export type Projection = (document: Fields) => Value;

/** The fields that a projection names, each with those below it; none when the whole field is meant. */
type FieldTree = Map<string, FieldTree>;

/** Compiles a projection that includes fields or excludes them (MongoDB manual, "Project Fields to Return from Query"). */
export function compileProjection(specification: Fields): Projection | undefined {
  const flags = flagsOf(specification, "");
  if (flags.length === 0) return undefined;
  const decisive = flags.find(([field]) => field !== "_id") ?? flags[0];
  const isInclusion = decisive?.[1] === true;
  const tree: FieldTree = new Map();
  for (const [field, isIncluded] of flags) {
    if (isIncluded === isInclusion) addField(tree, field);
    else if (field !== "_id") throw mixed(field, isInclusion);
  }
  if (isInclusion && !flags.some(([field]) => field === "_id")) addField(tree, "_id");
  return isInclusion
    ? (document) => include(document, tree)
    : (document) => exclude(document, tree);
}

/** The paths and whether each is shown; `{a: {b: 1}}` means `{"a.b": 1}`. */
function flagsOf(specification: Fields, prefix: string): readonly (readonly [string, boolean])[] {
  return [...specification].flatMap(([name, value]) => {
    const field = `${prefix}${name}`;
    if (field.split(".").includes("$")) throw unsupported("the positional projection operator $");
    const nested = documentOf(value);
    if (nested !== undefined && nested.size > 0 && operatorsOf(value) === undefined) {
      return flagsOf(nested, `${field}.`);
    }
    if (value.type !== TYPE.bool && numberOf(value) === undefined) {
      throw unsupported(`a projection that computes the field ${field}`);
    }
    return [[field, isTruthy(value)] as const];
  });
}

function mixed(field: string, isInclusion: boolean): CommandError {
  return isInclusion
    ? new CommandError(31254, `Cannot do exclusion on field ${field} in inclusion projection`)
    : new CommandError(31253, `Cannot do inclusion on field ${field} in exclusion projection`);
}

function addField(tree: FieldTree, field: string): void {
  const path = checkPath(field);
  let node = tree;
  for (const [depth, component] of path.entries()) {
    const child = node.get(component);
    const isLast = depth === path.length - 1;
    if (child !== undefined && (isLast || child.size === 0)) {
      throw new CommandError(31250, `Path collision at ${field}`);
    }
    const next: FieldTree = child ?? new Map();
    node.set(component, next);
    node = next;
  }
}

function include(document: Fields, tree: FieldTree): Value {
  return objectOf([...document].flatMap(([name, value]) => {
    const below = tree.get(name);
    const kept = below === undefined ? undefined : includeBelow(value, below);
    return kept === undefined ? [] : [[name, kept] as const];
  }));
}

function includeBelow(value: Value, tree: FieldTree): Value | undefined {
  if (tree.size === 0) return value;
  if (value.type === TYPE.object) return include(fieldsOf(value.bytes), tree);
  if (value.type !== TYPE.array) return undefined;
  return arrayOf(elementsOf(value.bytes).flatMap((element) => includeBelow(element, tree) ?? []));
}

function exclude(document: Fields, tree: FieldTree): Value {
  return objectOf([...document].flatMap(([name, value]) => {
    const below = tree.get(name);
    if (below === undefined) return [[name, value] as const];
    return below.size === 0 ? [] : [[name, excludeBelow(value, below)] as const];
  }));
}

function excludeBelow(value: Value, tree: FieldTree): Value {
  if (value.type === TYPE.object) return exclude(fieldsOf(value.bytes), tree);
  if (value.type !== TYPE.array) return value;
  return arrayOf(elementsOf(value.bytes).map((element) => excludeBelow(element, tree)));
}
