import { Int32 } from "bson";
import { withIdFirst } from "../update/upsert.ts";
import { flagArgument, requiredDocumentList, stringArgument } from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { runStatements } from "./write_errors.ts";

/** `insert` (MongoDB manual, "insert"). */
export const insert: CommandHandler = ({ database, body, catalog }) => {
  const name = stringArgument(body, "insert");
  const documents = requiredDocumentList(body, "documents");
  const collection = catalog.ensure(database, name);
  let count = 0;
  const errors = catalog.transaction(() =>
    runStatements(documents, flagArgument(body, "ordered", true), (document) => {
      collection.insert(withIdFirst(document));
      count += 1;
    })
  );
  return { document: { n: new Int32(count), ...errors } };
};
