import { compare } from "../bson/compare.ts";
import { asDocument, type BsonDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { FIELD_OPERATORS } from "./operators.ts";

/** One operator on one field. */
export interface Modification {
  /** Such as `$set`. */
  readonly operator: string;
  /** The components of the field's path, placeholders such as `$[]` included. */
  readonly path: readonly string[];
  /** What the operator is given. */
  readonly argument: unknown;
  /** Where `$rename` moves the field. */
  readonly target?: readonly string[];
}

/**
 * Reads and checks a document of update operators.
 *
 * @throws {CommandError} 9, 2, 40 or 56 when the update is malformed or contradicts itself.
 */
export function parseModifications(update: BsonDocument): readonly Modification[] {
  const modifications = Object.entries(update).flatMap(([operator, fields]) => {
    if (!FIELD_OPERATORS.has(operator) && operator !== "$rename") {
      throw new CommandError(
        9,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    const document = asDocument(fields);
    if (document === undefined) {
      throw new CommandError(9, `Modifiers operate on fields but ${operator} has no document`);
    }
    return Object.entries(document).map(([field, argument]): Modification => ({
      operator,
      path: checkedPath(field),
      argument,
      ...(operator === "$rename" ? { target: renameTarget(field, argument) } : {}),
    }));
  });
  const touched = modifications.flatMap(({ path, target }) =>
    target === undefined ? [path] : [path, target]
  );
  checkConflicts(touched.map((path) => path.join(".")));
  return modifications.sort((left, right) => compare(left.path.join("."), right.path.join(".")));
}

function checkedPath(field: string): readonly string[] {
  const path = field.split(".");
  if (!path.includes("")) return path;
  throw new CommandError(56, `The update path '${field}' contains an empty field name.`);
}

function renameTarget(source: string, target: unknown): readonly string[] {
  if (typeof target !== "string") {
    throw new CommandError(2, "The 'to' field for $rename must be a string");
  }
  if (target !== source) return checkedPath(target);
  throw new CommandError(2, `The source and target field for $rename must differ: ${target}`);
}

function checkConflicts(paths: readonly string[]): void {
  for (const [index, path] of paths.entries()) {
    const other = paths.slice(0, index).find((earlier) =>
      earlier === path || earlier.startsWith(`${path}.`) || path.startsWith(`${earlier}.`)
    );
    if (other === undefined) continue;
    const shorter = other.length < path.length ? other : path;
    throw new CommandError(
      40,
      `Updating the path '${path}' would create a conflict at '${shorter}'`,
    );
  }
}
