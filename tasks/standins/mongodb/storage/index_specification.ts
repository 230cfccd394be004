import { Int32 } from "bson";
import { isEqual } from "../bson/compare.ts";
import { toNumber } from "../bson/numbers.ts";
import { asDocument, type BsonDocument } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";
import { compileFilter, type Filter } from "../query/filter.ts";
import { isTruthy } from "../query/predicates.ts";

/** An index as the stand-in works with it. */
export interface IndexSpecification {
  /** As `listIndexes` shows it. */
  readonly document: BsonDocument;
  /** Unique in its collection. */
  readonly name: string;
  /** The indexed paths, each by its components. */
  readonly paths: readonly (readonly string[])[];
  /** No two documents may have the same key. */
  readonly isUnique: boolean;
  /** Documents that have none of the fields are not in the index. */
  readonly isSparse: boolean;
  /** Of a partial index: which documents are in it. */
  readonly covers?: Filter;
  /** Of a TTL index: how long after its date a document lives. */
  readonly expireAfterSeconds?: number;
}

/** The index on `_id` that every collection has; the documents table itself is this index. */
export const ID_INDEX: BsonDocument = { v: new Int32(2), key: { _id: new Int32(1) }, name: "_id_" };

const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  "v",
  "key",
  "name",
  "ns",
  "unique",
  "sparse",
  "background",
  "expireAfterSeconds",
  "partialFilterExpression",
]);

/**
 * Reads an entry of `createIndexes` (MongoDB manual, "createIndexes").
 *
 * @throws {CommandError} 67, 9, 72 or 238 when it is malformed or of a kind that the stand-in does not have.
 */
export function parseIndex(document: BsonDocument): IndexSpecification {
  const key = asDocument(document.key);
  if (key === undefined || Object.keys(key).length === 0) {
    throw new CommandError(67, "Cannot create an index: it needs a key with at least one field");
  }
  checkKey(key);
  const option = Object.keys(document).find((name) => !KNOWN_OPTIONS.has(name));
  if (option !== undefined) throw unsupported(`the index option ${option}`);
  const partial = asDocument(document.partialFilterExpression);
  const expireAfterSeconds = toNumber(document.expireAfterSeconds);
  if (
    expireAfterSeconds !== undefined && !(expireAfterSeconds >= 0 && Object.keys(key).length === 1)
  ) {
    throw new CommandError(
      67,
      "Cannot create a TTL index: it needs one field and an expireAfterSeconds of 0 or more",
    );
  }
  const name = typeof document.name === "string" && document.name !== ""
    ? document.name
    : defaultName(key);
  return {
    document: { v: new Int32(2), ...document, name },
    name,
    paths: Object.keys(key).map((field) => field.split(".")),
    isUnique: isTruthy(document.unique),
    isSparse: isTruthy(document.sparse),
    ...(partial === undefined ? {} : { covers: compileFilter(partial) }),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
  };
}

function checkKey(key: BsonDocument): void {
  for (const [field, direction] of Object.entries(key)) {
    if (direction === "text") throw unsupported("text indexes", 67);
    if (typeof direction === "string") throw unsupported(`indexes of the type ${direction}`, 67);
    if (field.includes("$**")) throw unsupported("wildcard indexes", 67);
    const sign = toNumber(direction);
    if (sign === undefined || sign === 0 || Number.isNaN(sign)) {
      throw new CommandError(
        67,
        `Values in v:2 index key pattern must be numbers other than 0; that of '${field}' is not`,
      );
    }
  }
}

function defaultName(key: BsonDocument): string {
  return Object.entries(key).map(([field, sign]) => `${field}_${toNumber(sign) ?? 1}`).join("_");
}

/**
 * Compares a requested index with those that exist.
 *
 * @throws {CommandError} 85 or 86 when one exists that is in its way.
 */
export function existsAlready(
  requested: IndexSpecification,
  existing: readonly IndexSpecification[],
): boolean {
  const sameName = existing.find(({ name }) => name === requested.name);
  if (sameName !== undefined) {
    if (!isSameIndex(sameName, requested)) {
      throw new CommandError(
        86,
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${requested.name}`,
      );
    }
    if (sameName.expireAfterSeconds !== requested.expireAfterSeconds) {
      throw new CommandError(
        85,
        `An equivalent index already exists with the same name but different options: ${requested.name}`,
      );
    }
    return true;
  }
  const sameIndex = existing.find((index) => isSameIndex(index, requested));
  if (sameIndex === undefined) return false;
  throw new CommandError(
    85,
    `Index already exists with a different name: ${sameIndex.name}`,
  );
}

/** What tells indexes apart beside their names: key, unique, sparse and partial filter. */
function isSameIndex(left: IndexSpecification, right: IndexSpecification): boolean {
  return isEqual(left.document.key, right.document.key) &&
    left.isUnique === right.isUnique && left.isSparse === right.isSparse &&
    isEqual(left.document.partialFilterExpression, right.document.partialFilterExpression);
}
