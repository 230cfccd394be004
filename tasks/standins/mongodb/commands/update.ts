import { Int32 } from "bson";
import type { BsonDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import type { Collection } from "../storage/collection.ts";
import { compileUpdate } from "../update/compile.ts";
import { upsertedDocument } from "../update/upsert.ts";
import {
  checkCollation,
  documentArgument,
  documentList,
  flagArgument,
  requiredDocumentList,
  stringArgument,
} from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { selectDocuments } from "./select.ts";
import { runStatements } from "./write_errors.ts";

/** `update` (MongoDB manual, "update"). */
export const update: CommandHandler = ({ database, body, catalog }) => {
  const name = stringArgument(body, "update");
  const statements = requiredDocumentList(body, "updates");
  const isUpsert = statements.some((statement) => flagArgument(statement, "upsert"));
  const collection = isUpsert ? catalog.ensure(database, name) : catalog.get(database, name);
  const variables = documentArgument(body, "let");
  let [matched, modified] = [0, 0];
  const upserted: BsonDocument[] = [];
  const errors = catalog.transaction(() =>
    runStatements(statements, flagArgument(body, "ordered", true), (statement, index) => {
      const outcome = runUpdate(collection, statement, variables);
      matched += outcome.matched;
      modified += outcome.modified;
      if (outcome.upserted !== undefined) {
        upserted.push({ index: new Int32(index), _id: outcome.upserted._id });
      }
    })
  );
  return {
    document: {
      n: new Int32(matched + upserted.length),
      nModified: new Int32(modified),
      ...(upserted.length === 0 ? {} : { upserted }),
      ...errors,
    },
  };
};

interface Outcome {
  readonly matched: number;
  readonly modified: number;
  readonly upserted?: BsonDocument;
}

function runUpdate(
  collection: Collection | undefined,
  statement: BsonDocument,
  variables: BsonDocument,
): Outcome {
  checkCollation(statement);
  const isMulti = flagArgument(statement, "multi");
  const change = compileUpdate({
    update: statement.u,
    filter: documentArgument(statement, "q"),
    arrayFilters: documentList(statement, "arrayFilters"),
    variables: { ...variables, ...documentArgument(statement, "c") },
  });
  if (isMulti && change.isReplacement) {
    throw new CommandError(9, "multi update is not supported for replacement-style update");
  }
  if (collection === undefined) return { matched: 0, modified: 0 };
  let [matched, modified] = [0, 0];
  const found = selectDocuments(collection, {
    filter: change.filter,
    sort: documentArgument(statement, "sort"),
    ...(isMulti ? {} : { limit: 1 }),
  });
  for (const stored of found) {
    matched += 1;
    if (collection.replace(stored, change.apply(stored.document, false))) modified += 1;
  }
  if (matched > 0 || !flagArgument(statement, "upsert")) return { matched, modified };
  const upserted = upsertedDocument(change);
  collection.insert(upserted);
  return { matched, modified, upserted };
}
