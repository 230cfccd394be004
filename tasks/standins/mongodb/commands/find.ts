import { Long } from "bson";
import { numericValue } from "../bson/numbers.ts";
import { encode } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import type { DocumentSource } from "../cursors.ts";
import { compileProjection, type Projection } from "../query/projection.ts";
import type { StoredDocument } from "../storage/collection.ts";
import {
  checkCollation,
  countArgument,
  documentArgument,
  flagArgument,
  stringArgument,
} from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { selectDocuments } from "./select.ts";

/** Documents in a first batch unless the client says otherwise (MongoDB manual, "Cursor Batches"). */
export const DEFAULT_BATCH_SIZE = 101;

/** `find` (MongoDB manual, "find"). The documents are read while the client takes the batches. */
export const find: CommandHandler = ({ database, body, catalog, cursors }) => {
  checkCollation(body);
  const name = stringArgument(body, "find");
  const found = selectDocuments(catalog.get(database, name), {
    filter: documentArgument(body, "filter"),
    sort: documentArgument(body, "sort"),
    skip: countArgument(body, "skip") ?? 0,
    limit: countArgument(body, "limit") ?? 0,
  });
  const project = compileProjection(documentArgument(body, "projection"));
  const isSingleBatch = flagArgument(body, "singleBatch");
  const batchSize = countArgument(body, "batchSize") ??
    (isSingleBatch ? Infinity : DEFAULT_BATCH_SIZE);
  return {
    batch: cursors.open(`${database}.${name}`, encoded(found, project), batchSize, isSingleBatch),
  };
};

function* encoded(
  documents: Iterable<StoredDocument>,
  project: Projection | undefined,
): DocumentSource & Generator<Uint8Array, void> {
  for (const stored of documents) {
    yield project === undefined ? stored.bytes : encode(project(stored.document));
  }
}

/** `getMore`. */
export const getMore: CommandHandler = ({ database, body, cursors }) => {
  const namespace = `${database}.${stringArgument(body, "collection")}`;
  const batchSize = countArgument(body, "batchSize");
  return {
    batch: cursors.getMore(
      cursorId(body.getMore),
      namespace,
      batchSize === 0 ? undefined : batchSize,
    ),
  };
};

/** `killCursors`. */
export const killCursors: CommandHandler = ({ body, cursors }) => {
  const ids = Array.isArray(body.cursors) ? body.cursors.map(cursorId) : [];
  const killed = ids.filter((id) => cursors.kill(id));
  return {
    document: {
      cursorsKilled: killed.map((id) => Long.fromBigInt(id)),
      cursorsNotFound: ids.filter((id) => !killed.includes(id)).map((id) => Long.fromBigInt(id)),
      cursorsAlive: [],
      cursorsUnknown: [],
    },
  };
};

function cursorId(value: unknown): bigint {
  const number = numericValue(value);
  if (number !== undefined && (typeof number === "bigint" || Number.isInteger(number))) {
    return BigInt(number);
  }
  throw new CommandError(14, "Cannot find a cursor: its id is no whole number");
}
