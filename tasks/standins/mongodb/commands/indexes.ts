import { Int32 } from "bson";
import { isEqual } from "../bson/compare.ts";
import { asDocument, type BsonDocument, encode } from "../bson/values.ts";
import { CommandError } from "../errors.ts";
import type { StoredIndex } from "../storage/collection.ts";
import {
  existsAlready,
  ID_INDEX,
  type IndexSpecification,
  parseIndex,
} from "../storage/index_specification.ts";
import {
  countArgument,
  documentArgument,
  requiredDocumentList,
  stringArgument,
} from "./arguments.ts";
import type { CommandHandler } from "./command.ts";
import { DEFAULT_BATCH_SIZE } from "./find.ts";

/** `createIndexes` (MongoDB manual, "createIndexes"): all of them or none; one that exists already is left alone. */
export const createIndexes: CommandHandler = ({ database, body, catalog }) => {
  const name = stringArgument(body, "createIndexes");
  const requested = requiredDocumentList(body, "indexes").filter(isNotIdIndex).map(parseIndex);
  const isNew = catalog.get(database, name) === undefined;
  const collection = catalog.ensure(database, name);
  const before = collection.indexes;
  const after = catalog.transaction(() => {
    const indexes = [...before];
    for (const index of requested) {
      if (!existsAlready(index, indexes)) indexes.push(build(() => collection.addIndex(index)));
    }
    return indexes;
  });
  collection.setIndexes(after);
  return {
    document: {
      numIndexesBefore: new Int32(before.length + 1),
      numIndexesAfter: new Int32(after.length + 1),
      createdCollectionAutomatically: isNew,
      ...(after.length === before.length ? { note: "all indexes already exist" } : {}),
    },
  };
};

/** A client may ask for the index on `_id`, which is always there. */
function isNotIdIndex(document: BsonDocument): boolean {
  return !isEqual(document.key, ID_INDEX.key);
}

function build(add: () => StoredIndex): StoredIndex {
  try {
    return add();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.code, `Index build failed: ${error.message}`, error.details);
  }
}

/** `listIndexes`. */
export const listIndexes: CommandHandler = ({ database, body, catalog, cursors }) => {
  const name = stringArgument(body, "listIndexes");
  const collection = catalog.get(database, name);
  if (collection === undefined) {
    throw new CommandError(26, `ns does not exist: ${database}.${name}`);
  }
  const documents = [ID_INDEX, ...collection.indexes.map(({ document }) => document)].map(encode);
  const batchSize = countArgument(documentArgument(body, "cursor"), "batchSize");
  return {
    batch: cursors.open(
      `${database}.${name}`,
      documents.values(),
      batchSize ?? DEFAULT_BATCH_SIZE,
    ),
  };
};

/** `dropIndexes`: by name, by key, a list of names, or `*` for all but the one on `_id`. */
export const dropIndexes: CommandHandler = ({ database, body, catalog }) => {
  const name = stringArgument(body, "dropIndexes");
  const collection = catalog.get(database, name);
  if (collection === undefined) throw new CommandError(26, `ns not found ${database}.${name}`);
  const before = collection.indexes;
  const dropped = chosenIndexes(before, body.index);
  catalog.transaction(() => dropped.forEach((index) => collection.removeIndex(index)));
  collection.setIndexes(before.filter((index) => !dropped.includes(index)));
  return { document: { nIndexesWas: new Int32(before.length + 1) } };
};

function chosenIndexes<Index extends IndexSpecification>(
  indexes: readonly Index[],
  choice: unknown,
): readonly Index[] {
  if (choice === "*") return indexes;
  if (Array.isArray(choice)) return choice.flatMap((entry) => chosenIndexes(indexes, entry));
  if (choice === "_id_" || isEqual(choice, ID_INDEX.key)) {
    throw new CommandError(72, "cannot drop _id index");
  }
  const key = asDocument(choice);
  const index = indexes.find(({ name, document }) =>
    key === undefined ? name === choice : isEqual(document.key, key)
  );
  if (index !== undefined) return [index];
  throw new CommandError(27, `index not found with name [${String(choice)}]`);
}
