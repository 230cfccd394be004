import { Binary, Int32 } from "bson";
import { type BsonDocument, encode } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { isTruthy } from "../query/predicates.ts";
import { ID_INDEX } from "../storage/index_specification.ts";
import {
  checkCollation,
  countArgument,
  documentArgument,
  flagArgument,
  stringArgument,
} from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { DEFAULT_BATCH_SIZE } from "./find.ts";

/** Options of `create` that the stand-in would have to obey. */
const UNSUPPORTED_OPTIONS: Readonly<Record<string, string>> = {
  validator: "validators",
  capped: "capped collections",
  timeseries: "time series collections",
  viewOn: "views",
  clusteredIndex: "clustered collections",
  encryptedFields: "encrypted collections",
  changeStreamPreAndPostImages: "change streams",
};

/** `create` (MongoDB manual, "create"). */
export const create: CommandHandler = ({ database, body, catalog }) => {
  checkCollation(body);
  const name = stringArgument(body, "create");
  for (const [option, feature] of Object.entries(UNSUPPORTED_OPTIONS)) {
    if (isTruthy(body[option])) throw unsupported(feature);
  }
  if (catalog.get(database, name) !== undefined) {
    throw new CommandError(48, `Collection ${database}.${name} already exists.`);
  }
  catalog.ensure(database, name);
  return { document: {} };
};

/** `drop`. Of a collection that does not exist it succeeds, as in MongoDB 7.0. */
export const drop: CommandHandler = ({ database, body, catalog }) => {
  const name = stringArgument(body, "drop");
  const dropped = catalog.drop(database, name);
  if (dropped === undefined) return { document: {} };
  return {
    document: {
      nIndexesWas: new Int32(dropped.indexes.length + 1),
      ns: `${database}.${name}`,
    },
  };
};

/** `dropDatabase`. */
export const dropDatabase: CommandHandler = ({ database, catalog }) => {
  catalog.dropDatabase(database);
  return { document: { dropped: database } };
};

/** `listCollections`. */
export const listCollections: CommandHandler = ({ database, body, catalog, cursors }) => {
  const matches = compileFilter(documentArgument(body, "filter"));
  const isNameOnly = flagArgument(body, "nameOnly");
  const described = [...catalog.collectionsOf(database)].map(([name, { uuid }]): BsonDocument => ({
    name,
    type: "collection",
    ...(isNameOnly ? {} : {
      options: {},
      info: { readOnly: false, uuid: new Binary(uuid, Binary.SUBTYPE_UUID) },
      idIndex: ID_INDEX,
    }),
  }));
  const documents = described.filter(matches).map(encode);
  const batchSize = countArgument(documentArgument(body, "cursor"), "batchSize");
  return {
    batch: cursors.open(
      `${database}.$cmd.listCollections`,
      documents.values(),
      batchSize ?? DEFAULT_BATCH_SIZE,
    ),
  };
};

/** `listDatabases`. Sizes are not kept. */
export const listDatabases: CommandHandler = ({ body, catalog }) => {
  const matches = compileFilter(documentArgument(body, "filter"));
  const databases = catalog.databaseNames()
    .map((name): BsonDocument => ({ name, sizeOnDisk: new Int32(0), empty: false }))
    .filter(matches);
  return { document: { databases, totalSize: new Int32(0) } };
};
