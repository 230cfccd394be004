import { type Encodable, toValue, type Value } from "./bson.ts";
import { type CommandRequest, reply } from "./command.ts";
import { CommandError } from "./errors.ts";
import { compileFilter } from "./filter.ts";
import type { Work } from "./work.ts";

/** The index that every collection has: the documents table itself. */
const ID_INDEX = toValue({ v: 2, key: { _id: 1 }, name: "_id_" });

export function create({ database, target, namespace, collection, store }: CommandRequest) {
  if (collection !== undefined) {
    throw new CommandError(48, `Collection ${namespace} already exists.`);
  }
  store.ensure(database, target);
  return reply();
}

/** `drop`. Of a collection that does not exist it succeeds, as in MongoDB 7.0. */
export function* drop({ namespace, collection, store }: CommandRequest): Work<Uint8Array> {
  if (collection === undefined) return reply();
  yield* store.drop(collection);
  return reply({ nIndexesWas: 1, ns: namespace });
}

export function* dropDatabase({ database, store }: CommandRequest): Work<Uint8Array> {
  for (const name of store.collectionNames(database)) {
    const collection = store.find(database, name);
    if (collection !== undefined) yield* store.drop(collection);
  }
  return reply({ dropped: database });
}

export function listCollections(request: CommandRequest): Work<Uint8Array> {
  const { database, store } = request;
  const details = { options: {}, info: { readOnly: false }, idIndex: ID_INDEX };
  const isNameOnly = request.flag("nameOnly");
  const collections = store.collectionNames(database)
    .map((name) => ({ name, type: "collection", ...(isNameOnly ? {} : details) }));
  return request.answerWith(`${database}.$cmd.listCollections`, matching(collections, request));
}

export function listIndexes(request: CommandRequest): Work<Uint8Array> {
  const { namespace, collection } = request;
  if (collection === undefined) throw new CommandError(26, `ns does not exist: ${namespace}`);
  return request.answerWith(namespace, [ID_INDEX]);
}

/** `listDatabases`. Sizes are not kept. */
export function listDatabases(request: CommandRequest): Uint8Array {
  const isNameOnly = request.flag("nameOnly");
  const databases = request.store.databaseNames()
    .map((name) => ({ name, ...(isNameOnly ? {} : { sizeOnDisk: 0, empty: false }) }));
  return reply({ databases: matching(databases, request), totalSize: 0 });
}

function matching(documents: readonly Encodable[], request: CommandRequest): readonly Value[] {
  const matches = compileFilter(request.document("filter"));
  return documents.map(toValue).filter(({ fields }) => fields !== undefined && matches(fields));
}
