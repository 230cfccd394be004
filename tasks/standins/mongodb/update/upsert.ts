import { ObjectId } from "bson";
import type { BsonDocument } from "../bson/values.ts";
import { equalitiesOf } from "../query/equalities.ts";
import type { Update } from "./compile.ts";
import { writePath } from "./path.ts";

/**
 * The document that an upsert inserts when its filter matched nothing: the fields that the filter fixes, then the
 * update (MongoDB manual, `db.collection.updateOne()`, "Upsert").
 */
export function upsertedDocument(update: Update): BsonDocument {
  const seed: BsonDocument = {};
  for (const [path, value] of equalitiesOf(update.filter)) {
    if (!update.isReplacement || path === "_id") writePath(seed, path.split("."), value);
  }
  return withIdFirst(update.apply(seed, true));
}

/** MongoDB stores `_id` as a document's first field, and makes one where it is missing. */
export function withIdFirst(document: BsonDocument): BsonDocument {
  const { _id = new ObjectId(), ...rest } = document;
  return { _id, ...rest };
}
