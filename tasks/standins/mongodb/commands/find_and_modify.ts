import { Int32 } from "bson";
import { type BsonDocument, decode } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { compileProjection } from "../query/projection.ts";
import type { Collection, StoredDocument } from "../storage/collection.ts";
import { compileUpdate } from "../update/compile.ts";
import { upsertedDocument } from "../update/upsert.ts";
import {
  checkCollation,
  documentArgument,
  documentList,
  flagArgument,
  stringArgument,
} from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { selectDocuments } from "./select.ts";

/** What happened to the one document. */
interface Outcome {
  /** The document to show, before or after, as the client wants it. */
  readonly value?: BsonDocument;
  /** The reply's `lastErrorObject`. */
  readonly summary: BsonDocument;
}

/** `findAndModify` (MongoDB manual, "findAndModify"). */
export const findAndModify: CommandHandler = ({ name, database, body, catalog }) => {
  checkCollation(body);
  const isRemoval = flagArgument(body, "remove");
  if (isRemoval === (body.update !== undefined)) {
    throw new CommandError(9, "Either an update or remove=true must be specified, and not both");
  }
  const project = compileProjection(documentArgument(body, "fields"));
  const collectionName = stringArgument(body, name);
  const collection = flagArgument(body, "upsert")
    ? catalog.ensure(database, collectionName)
    : catalog.get(database, collectionName);
  const { value, summary } = catalog.transaction(() => {
    const [found] = selectDocuments(collection, {
      filter: documentArgument(body, "query"),
      sort: documentArgument(body, "sort"),
      limit: 1,
    });
    return isRemoval ? remove(collection, found) : modify(collection, found, body);
  });
  const shown = value === undefined || project === undefined ? value : project(value);
  return { document: { lastErrorObject: summary, value: shown ?? null } };
};

function remove(collection: Collection | undefined, found: StoredDocument | undefined): Outcome {
  if (found === undefined) return { summary: { n: new Int32(0) } };
  collection?.remove(found.position);
  return { value: found.document, summary: { n: new Int32(1) } };
}

function modify(
  collection: Collection | undefined,
  found: StoredDocument | undefined,
  body: BsonDocument,
): Outcome {
  const wantsNew = flagArgument(body, "new");
  const change = compileUpdate({
    update: body.update,
    filter: documentArgument(body, "query"),
    arrayFilters: documentList(body, "arrayFilters"),
    variables: documentArgument(body, "let"),
  });
  if (found !== undefined) {
    const after = change.apply(decode(found.bytes), false);
    collection?.replace(found, after);
    const summary = { n: new Int32(1), updatedExisting: true };
    return { value: wantsNew ? after : found.document, summary };
  }
  if (!flagArgument(body, "upsert")) {
    return { summary: { n: new Int32(0), updatedExisting: false } };
  }
  const upserted = upsertedDocument(change);
  collection?.insert(upserted);
  const summary = { n: new Int32(1), updatedExisting: false, upserted: upserted._id };
  return wantsNew ? { value: upserted, summary } : { summary };
}
