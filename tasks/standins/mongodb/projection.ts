import { arrayOf, type Fields, objectOf, TYPE, type Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { checkedPath } from "./path.ts";

export type Projection = (document: Fields) => Value;

/** The fields that a projection names, each with those below it; none when the whole field is meant. */
type FieldTree = Map<string, FieldTree>;

/** Compiles a projection that includes fields or excludes them (MongoDB manual, "Project Fields to Return from Query"). */
export function compileProjection(specification: Fields): Projection | undefined {
  const flags = flagsOf(specification, "");
  if (flags.length === 0) return undefined;
  const [, isInclusion = false] = flags.find(([field]) => field !== "_id") ?? flags[0] ?? [];
  const tree: FieldTree = new Map();
  for (const [field, isIncluded] of flags) {
    if (isIncluded === isInclusion) addField(tree, field);
    else if (field !== "_id") {
      throw isInclusion
        ? new CommandError(31254, `Cannot do exclusion on field ${field} in inclusion projection`)
        : new CommandError(31253, `Cannot do inclusion on field ${field} in exclusion projection`);
    }
  }
  if (isInclusion && !flags.some(([field]) => field === "_id")) addField(tree, "_id");
  return (document) => project(document, tree, isInclusion);
}

/** The paths and whether each is shown; `{a: {b: 1}}` means `{"a.b": 1}`. */
function flagsOf(specification: Fields, prefix: string): readonly (readonly [string, boolean])[] {
  return [...specification].flatMap(([name, value]) => {
    const field = `${prefix}${name}`;
    if (field.split(".").includes("$")) throw unsupported("the positional projection operator $");
    const nested = value.fields;
    if (nested !== undefined && nested.size > 0 && value.operators === undefined) {
      return flagsOf(nested, `${field}.`);
    }
    if (value.type !== TYPE.bool && value.number === undefined) {
      throw unsupported(`a projection that computes the field ${field}`);
    }
    return [[field, value.isTruthy] as const];
  });
}

function addField(tree: FieldTree, field: string): void {
  const path = checkedPath(field);
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

function project(document: Fields, tree: FieldTree, isInclusion: boolean): Value {
  return objectOf([...document].flatMap(([name, value]) => {
    const below = tree.get(name);
    const isNamedAlone = below === undefined || below.size === 0;
    const shown = isNamedAlone
      ? (below !== undefined) === isInclusion ? value : undefined
      : projectBelow(value, below, isInclusion);
    return shown === undefined ? [] : [[name, shown] as const];
  }));
}

function projectBelow(value: Value, tree: FieldTree, isInclusion: boolean): Value | undefined {
  const { fields, elements } = value;
  if (fields !== undefined) return project(fields, tree, isInclusion);
  if (elements === undefined) return isInclusion ? undefined : value;
  return arrayOf(elements.flatMap((element) => projectBelow(element, tree, isInclusion) ?? []));
}
