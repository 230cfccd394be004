import { arrayOf, type Fields, objectOf, TYPE, type Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { checkedPath, type Path, sortPaths } from "./path.ts";
import { spend } from "./work.ts";

export type Projection = (document: Fields) => Value;

/** Compiles a projection that includes fields or excludes them (MongoDB manual, "Project Fields to Return from Query"). */
export function compileProjection(specification: Fields): Projection | undefined {
  const flags = Array.from(specification, ([field, value]) => {
    if (value.type !== TYPE.bool && value.number === undefined) {
      throw unsupported(`a projection that computes the field ${field}`);
    }
    return [field, value.isTruthy] as const;
  });
  const [, isInclusion] = flags.find(([field]) => field !== "_id") ?? flags[0] ?? [];
  if (isInclusion === undefined) return undefined;
  const mixed = flags.find(([field, flag]) => flag !== isInclusion && field !== "_id");
  if (mixed !== undefined) {
    const code = isInclusion ? 31254 : 31253;
    throw new CommandError(code, `Cannot both include and exclude fields: ${mixed[0]}`);
  }
  const named = flags.filter(([, flag]) => flag === isInclusion)
    .map(([field]) => ({ path: checkedPath(field) }));
  if (isInclusion && !specification.has("_id")) named.push({ path: ["_id"] });
  const conflict = sortPaths(named);
  if (conflict !== undefined) throw new CommandError(31250, `Path collision at ${conflict}`);
  const paths = named.map(({ path }) => path);
  return (document) => project(document, paths, isInclusion);
}

function project(document: Fields, paths: readonly Path[], isInclusion: boolean): Value {
  spend(paths.length);
  const byName = Map.groupBy(paths, ([name]) => name);
  return objectOf([...document].flatMap(([name, value]) => {
    const below = byName.get(name)?.map(([, ...rest]) => rest) ?? [];
    // Of a path that ends here nothing is below.
    const isWhole = below.length === 0 || below.some(({ length }) => length === 0);
    const shown = isWhole
      ? (below.length > 0) === isInclusion ? value : undefined
      : projectBelow(value, below, isInclusion);
    return shown === undefined ? [] : [[name, shown] as const];
  }));
}

function projectBelow(
  value: Value,
  paths: readonly Path[],
  isInclusion: boolean,
): Value | undefined {
  const { fields, elements } = value;
  if (fields !== undefined) return project(fields, paths, isInclusion);
  if (elements === undefined) return isInclusion ? undefined : value;
  return arrayOf(elements.flatMap((element) => projectBelow(element, paths, isInclusion) ?? []));
}
