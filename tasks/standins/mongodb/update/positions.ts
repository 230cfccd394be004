import type { BsonDocument } from "../bson/values.ts";
import { asDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { readPath } from "./path.ts";

/** Decides on an array's element that a path component such as `$[name]` stands for. */
type ElementTest = (element: unknown) => boolean;

/** Turns paths with `$`, `$[]` and `$[name]` into the exact paths that they mean in one document. */
export interface PositionResolver {
  /**
   * Replaces the placeholders of one path.
   *
   * @throws {CommandError} 2 when a placeholder has nothing to stand for.
   */
  readonly resolve: (
    document: BsonDocument,
    path: readonly string[],
  ) => readonly (readonly string[])[];
}

/** Makes the resolver of one update. */
export function positionResolver(
  filter: BsonDocument,
  arrayFilters: readonly BsonDocument[],
): PositionResolver {
  const elementTests = new Map(arrayFilters.map(compileArrayFilter));

  function selectorOf(component: string, prefix: readonly string[]): ElementTest | undefined {
    if (component === "$[]") return () => true;
    const name = /^\$\[(.+)\]$/.exec(component)?.[1];
    if (name === undefined) return component === "$" ? matchedBy(filter, prefix) : undefined;
    const test = elementTests.get(name);
    if (test !== undefined) return test;
    throw new CommandError(
      2,
      `No array filter found for identifier '${name}' in path '${
        [...prefix, component].join(".")
      }'`,
    );
  }

  function resolve(
    document: BsonDocument,
    path: readonly string[],
  ): readonly (readonly string[])[] {
    for (const [depth, component] of path.entries()) {
      const prefix = path.slice(0, depth);
      const selects = selectorOf(component, prefix);
      if (selects === undefined) continue;
      const array = readPath(document, prefix);
      if (!Array.isArray(array)) {
        throw new CommandError(
          2,
          `The path '${
            prefix.join(".")
          }' must exist in the document in order to apply array updates.`,
        );
      }
      const indexes = [...array.keys()].filter((index) => selects(array[index]));
      if (component === "$") indexes.length = Math.min(indexes.length, 1);
      return indexes.flatMap((index) =>
        resolve(document, [...prefix, String(index), ...path.slice(depth + 1)])
      );
    }
    return [path];
  }

  return { resolve };
}

/** `{"item.size": {$gt: 5}}` is the filter of `item`: it is applied to a document that has the element as `item`. */
function compileArrayFilter(arrayFilter: BsonDocument): readonly [string, ElementTest] {
  const name = identifierOf(arrayFilter);
  if (name === undefined) {
    throw new CommandError(
      9,
      "Cannot use an expression without a top-level field name in arrayFilters",
    );
  }
  const matches = compileFilter(arrayFilter);
  return [name, (element) => matches({ [name]: element })];
}

function identifierOf(filter: BsonDocument): string | undefined {
  for (const [key, value] of Object.entries(filter)) {
    if (!key.startsWith("$")) return key.split(".")[0];
    const [first] = Array.isArray(value) ? value : [];
    const name = identifierOf(asDocument(first) ?? {});
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The filter's conditions on the array at `prefix`, applied to one element. */
function matchedBy(filter: BsonDocument, prefix: readonly string[]): ElementTest {
  const array = prefix.join(".");
  const conditions = conditionsOn(filter, array);
  if (conditions.length === 0) {
    throw new CommandError(
      2,
      "The positional operator did not find the match needed from the query.",
    );
  }
  const tests = conditions.map(([path, condition]) =>
    compileFilter({ [`array${path.slice(array.length)}`]: condition })
  );
  return (element) => tests.every((matches) => matches({ array: [element] }));
}

function conditionsOn(
  filter: BsonDocument,
  array: string,
): readonly (readonly [string, unknown])[] {
  return Object.entries(filter).flatMap(([key, condition]) => {
    if (key === "$and" && Array.isArray(condition)) {
      return condition.flatMap((entry) => conditionsOn(asDocument(entry) ?? {}, array));
    }
    return key === array || key.startsWith(`${array}.`) ? [[key, condition] as const] : [];
  });
}
