import { compare } from "../bson/compare.ts";
import { equalityKey } from "../bson/equality_key.ts";
import { reach } from "../bson/path.ts";
import { MAX_DOCUMENT_BYTES } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import { checkCollation, documentArgument, stringArgument } from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { selectDocuments } from "./select.ts";

/** `distinct` (MongoDB manual, "distinct"): of an array its elements count; a missing field does not. */
export const distinct: CommandHandler = ({ database, body, catalog }) => {
  checkCollation(body);
  const path = stringArgument(body, "key").split(".");
  const found = selectDocuments(catalog.get(database, stringArgument(body, "distinct")), {
    filter: documentArgument(body, "query"),
  });
  const values = new Map<string, unknown>();
  let sizeBytes = 0;
  for (const { document } of found) {
    for (const value of reach(document, path).flatMap((reached) => reached.value)) {
      if (value === undefined) continue;
      const bytes = equalityKey(value);
      const key = new TextDecoder("latin1").decode(bytes);
      if (values.has(key)) continue;
      values.set(key, value);
      sizeBytes += bytes.length;
      if (sizeBytes > MAX_DOCUMENT_BYTES) {
        throw new CommandError(17217, "distinct too big, 16mb cap");
      }
    }
  }
  return { document: { values: [...values.values()].sort(compare) } };
};
