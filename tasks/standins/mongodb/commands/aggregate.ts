import { plainDocument } from "../bson/plain.ts";
import { asDocument, type BsonDocument, encode } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { runPipeline } from "../query/expressions.ts";
import type { Collection } from "../storage/collection.ts";
import {
  checkCollation,
  countArgument,
  documentArgument,
  requiredDocumentList,
} from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { DEFAULT_BATCH_SIZE } from "./find.ts";

/** What a pipeline may read, as its stages may hold all of it in memory. */
const MAX_PIPELINE_BYTES = 256 * 1024 * 1024;

/**
 * `aggregate` (MongoDB manual, "aggregate"). A first `$match` is a query of the store; the stages after it compute with
 * JavaScript's numbers.
 */
export const aggregate: CommandHandler = ({ database, body, catalog, cursors }) => {
  checkCollation(body);
  const pipeline = requiredDocumentList(body, "pipeline");
  checkStages(pipeline);
  const [first, ...rest] = pipeline;
  const match = asDocument(first?.$match);
  const filter = match ?? {};
  compileFilter(filter);
  const name = typeof body.aggregate === "string" ? body.aggregate : "$cmd.aggregate";
  const collection = catalog.get(database, name);
  const stages = match === undefined ? pipeline : rest;
  const counted = countPipeline(collection, filter, stages);
  const results = counted ??
    runPipeline(plainDocuments(collection, filter), stages, {
      readCollection: (from) => [...plainDocuments(catalog.get(database, from), {})],
      variables: documentArgument(body, "let"),
    });
  const batchSize = countArgument(documentArgument(body, "cursor"), "batchSize");
  return {
    batch: cursors.open(
      `${database}.${name}`,
      encodedAll(results),
      batchSize ?? DEFAULT_BATCH_SIZE,
    ),
  };
};

function checkStages(pipeline: readonly BsonDocument[]): void {
  for (const stage of pipeline) {
    const names = Object.keys(stage);
    if (names.length !== 1) {
      throw new CommandError(
        40323,
        "A pipeline stage specification object must contain exactly one field.",
      );
    }
    const [name] = names;
    if (name === "$changeStream" || name === "$changeStreamSplitLargeEvent") {
      throw new CommandError(
        40573,
        "The $changeStream stage is only supported on replica sets: the embedded stand-in for MongoDB is none; set MONGODB_URL to a real one",
      );
    }
    if (name === "$out" || name === "$merge") throw unsupported(`the pipeline stage ${name}`);
  }
}

function* plainDocuments(
  collection: Collection | undefined,
  filter: BsonDocument,
): Generator<BsonDocument> {
  let sizeBytes = 0;
  for (const { bytes, document } of collection?.find(filter) ?? []) {
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_PIPELINE_BYTES) {
      throw new CommandError(
        292,
        `Cannot aggregate more than ${MAX_PIPELINE_BYTES} bytes: begin the pipeline with a $match that selects fewer documents`,
      );
    }
    yield plainDocument(document);
  }
}

function* encodedAll(documents: Iterable<BsonDocument>): Generator<Uint8Array, void> {
  for (const document of documents) {
    // MongoDB shows `_id` first, mingo last where it computed it.
    yield encode(Object.hasOwn(document, "_id") ? { _id: document._id, ...document } : document);
  }
}

/** `countDocuments()` of every driver is this pipeline; it is answered without holding what it counts. */
function countPipeline(
  collection: Collection | undefined,
  filter: BsonDocument,
  stages: readonly BsonDocument[],
): readonly BsonDocument[] | undefined {
  const [stage] = stages;
  const group = asDocument(stage?.$group);
  if (stages.length !== 1 || group === undefined) return undefined;
  const { _id: id, n, ...others } = plainDocument(group);
  const isCount = id === 1 && asDocument(n)?.$sum === 1 && Object.keys(others).length === 0;
  if (!isCount) return undefined;
  const count = collection?.countMatching(filter) ?? 0;
  return count === 0 ? [] : [{ _id: 1, n: count }];
}
