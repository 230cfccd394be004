import { Int32 } from "bson";
import { checkCollation, countArgument, documentArgument, stringArgument } from "./arguments.ts";
import { compileFilter } from "../query/filter.ts";
import type { CommandHandler } from "./command.ts";

/** `count` (MongoDB manual, "count"). */
export const count: CommandHandler = ({ database, body, catalog }) => {
  checkCollation(body);
  const filter = documentArgument(body, "query");
  compileFilter(filter);
  const matching = catalog.get(database, stringArgument(body, "count"))?.countMatching(filter) ?? 0;
  const rest = Math.max(0, matching - (countArgument(body, "skip") ?? 0));
  const limit = countArgument(body, "limit") ?? 0;
  return { document: { n: new Int32(limit === 0 ? rest : Math.min(rest, limit)) } };
};
