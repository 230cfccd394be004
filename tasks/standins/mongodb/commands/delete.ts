import { Int32 } from "bson";
import {
  checkCollation,
  countArgument,
  documentArgument,
  flagArgument,
  requiredDocumentList,
  stringArgument,
} from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { selectDocuments } from "./select.ts";
import { runStatements } from "./write_errors.ts";

/** `delete` (MongoDB manual, "delete"). A `limit` of 0 means all that match. */
export const deleteDocuments: CommandHandler = ({ database, body, catalog }) => {
  const collection = catalog.get(database, stringArgument(body, "delete"));
  const statements = requiredDocumentList(body, "deletes");
  let count = 0;
  const errors = catalog.transaction(() =>
    runStatements(statements, flagArgument(body, "ordered", true), (statement) => {
      checkCollation(statement);
      const found = selectDocuments(collection, {
        filter: documentArgument(statement, "q"),
        limit: countArgument(statement, "limit") ?? 0,
      });
      for (const { position } of found) {
        collection?.remove(position);
        count += 1;
      }
    })
  );
  return { document: { n: new Int32(count), ...errors } };
};
