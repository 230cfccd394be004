import { compare } from "../bson/compare.ts";
import { plainDocument, restoreDocument } from "../bson/plain.ts";
import { asDocument, type BsonDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { runPipeline } from "../query/expressions.ts";
import { type Modification, parseModifications } from "./modifications.ts";
import { FIELD_OPERATORS } from "./operators.ts";
import { readPath, REMOVED, removePath, writePath } from "./path.ts";
import { type PositionResolver, positionResolver } from "./positions.ts";

/** An update, as the commands `update` and `findAndModify` carry it. */
export interface UpdateStatement {
  /** A document of operators, a replacement, or a pipeline. */
  readonly update: unknown;
  /** The filter, for the positional operator `$`. */
  readonly filter: BsonDocument;
  /** The conditions of `$[name]`. */
  readonly arrayFilters: readonly BsonDocument[];
  /** `c` or `let`: variables of a pipeline. */
  readonly variables: BsonDocument;
}

/** An update that has been read and checked. */
export interface Update {
  /** True when it replaces the whole document. */
  readonly isReplacement: boolean;
  /** The filter that it was sent with. */
  readonly filter: BsonDocument;
  /**
   * Applies it to one document.
   *
   * @throws {CommandError} when the update does not fit the document; nothing is to be stored then.
   */
  readonly apply: (document: BsonDocument, isInsert: boolean) => BsonDocument;
}

type Change = (document: BsonDocument, isInsert: boolean) => BsonDocument;

/** Stages that an update with a pipeline may have (MongoDB manual, "Updates with Aggregation Pipeline"). */
const UPDATE_STAGES: ReadonlySet<string> = new Set([
  "$addFields",
  "$set",
  "$project",
  "$unset",
  "$replaceRoot",
  "$replaceWith",
]);

/**
 * Reads and checks an update, before any document is looked at.
 *
 * @throws {CommandError} when it is malformed.
 */
export function compileUpdate(statement: UpdateStatement): Update {
  const { isReplacement, change } = compileKind(statement);
  return {
    isReplacement,
    filter: statement.filter,
    apply: (document, isInsert) => {
      const id = document._id;
      return withId(change(document, isInsert), id);
    },
  };
}

/** The `_id` of a document never changes; an upsert may take it from the update. */
function withId(document: BsonDocument, id: unknown): BsonDocument {
  const { _id: newId, ...rest } = document;
  if (id !== undefined && newId !== undefined && compare(newId, id) !== 0) {
    throw new CommandError(
      66,
      "After applying the update, the (immutable) field '_id' was found to have been altered",
    );
  }
  return { _id: id ?? newId, ...rest };
}

interface Kind {
  readonly isReplacement: boolean;
  readonly change: Change;
}

function compileKind(statement: UpdateStatement): Kind {
  const { update } = statement;
  if (Array.isArray(update)) {
    const pipeline = update.map(checkedStage);
    return {
      isReplacement: false,
      change: (document) => applyPipeline(document, pipeline, statement.variables),
    };
  }
  const document = asDocument(update);
  if (document === undefined) {
    throw new CommandError(9, "Update argument must be either an object or an array of objects");
  }
  if (!(Object.keys(document)[0] ?? "").startsWith("$")) {
    return { isReplacement: true, change: () => ({ ...document }) };
  }
  const modifications = parseModifications(document);
  const positions = positionResolver(statement.filter, statement.arrayFilters);
  return {
    isReplacement: false,
    change: (target, isInsert) => modifyAll(target, modifications, positions, isInsert),
  };
}

function checkedStage(value: unknown): BsonDocument {
  const stage = asDocument(value) ?? {};
  const name = Object.keys(stage)[0] ?? "";
  if (UPDATE_STAGES.has(name)) return stage;
  throw new CommandError(72, `${name} is not allowed to be used within an update`);
}

function applyPipeline(
  document: BsonDocument,
  pipeline: readonly BsonDocument[],
  variables: BsonDocument,
): BsonDocument {
  const before = plainDocument(document);
  // A pipeline may change what it is given: it gets a copy, and `before` stays what it was.
  const [result] = runPipeline([plainDocument(document)], pipeline, { variables });
  return restoreDocument(result ?? {}, before, document);
}

function modifyAll(
  document: BsonDocument,
  modifications: readonly Modification[],
  positions: PositionResolver,
  isInsert: boolean,
): BsonDocument {
  for (const modification of modifications) {
    if (modification.operator === "$setOnInsert" && !isInsert) continue;
    for (const path of positions.resolve(document, modification.path)) {
      modify(document, path, modification);
    }
  }
  return document;
}

function modify(
  document: BsonDocument,
  path: readonly string[],
  { operator, argument, target }: Modification,
): void {
  const current = readPath(document, path);
  if (target !== undefined) {
    if (current === undefined) return;
    removePath(document, path);
    writePath(document, target, current);
    return;
  }
  const result = FIELD_OPERATORS.get(operator)?.(current, argument);
  if (result === REMOVED) removePath(document, path);
  else if (result !== undefined && result !== current) writePath(document, path, result);
}
