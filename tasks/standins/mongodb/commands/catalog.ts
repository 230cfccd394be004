import { UUID } from "bson";
import { fieldsOf, toValue, type Value } from "../bson/value.ts";
import { CommandError } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import type { Work } from "../work.ts";
import { countArgument, documentArgument, flagArgument, stringArgument } from "./arguments.ts";
import { type CommandRequest, reply } from "./command.ts";

/** The index that every collection has: the documents table itself. */
const ID_INDEX = toValue({ v: 2, key: { _id: 1 }, name: "_id_" });

export function create({ database, fields, store }: CommandRequest): Uint8Array {
  const name = stringArgument(fields, "create");
  if (store.collectionsOf(database).has(name)) {
    throw new CommandError(48, `Collection ${database}.${name} already exists.`);
  }
  store.ensure(database, name);
  return reply();
}

/** `drop`. Of a collection that does not exist it succeeds, as in MongoDB 7.0. */
export function* drop({ database, fields, store }: CommandRequest): Work<Uint8Array> {
  const name = stringArgument(fields, "drop");
  if (!store.collectionsOf(database).has(name)) return reply();
  yield* store.drop(database, name);
  return reply({ nIndexesWas: 1, ns: `${database}.${name}` });
}

export function* dropDatabase({ database, store }: CommandRequest): Work<Uint8Array> {
  for (const name of [...store.collectionsOf(database).keys()]) yield* store.drop(database, name);
  return reply({ dropped: database });
}

export function listCollections(request: CommandRequest): Work<Uint8Array> {
  const { database, fields, store } = request;
  const isNameOnly = flagArgument(fields, "nameOnly");
  const collections = Array.from(store.collectionsOf(database), ([name, { uuid }]) =>
    toValue({
      name,
      type: "collection",
      ...(isNameOnly ? {} : {
        options: {},
        info: { readOnly: false, uuid: new UUID(uuid) },
        idIndex: ID_INDEX,
      }),
    }));
  const matches = compileFilter(documentArgument(fields, "filter"));
  const matching = collections.filter(({ bytes }) => matches(fieldsOf(bytes)));
  return listed(request, `${database}.$cmd.listCollections`, matching);
}

export function listIndexes(request: CommandRequest): Work<Uint8Array> {
  const name = stringArgument(request.fields, "listIndexes");
  const namespace = `${request.database}.${name}`;
  if (
    !request.store.collectionsOf(request.database).has(name)
  ) {
    throw new CommandError(26, `ns does not exist: ${namespace}`);
  }
  return listed(request, namespace, [ID_INDEX]);
}

function listed(
  { fields, cursors, budget }: CommandRequest,
  namespace: string,
  documents: readonly Value[],
): Work<Uint8Array> {
  return cursors.open({
    namespace,
    source: documents.map(({ bytes }) => bytes).values(),
    batchSize: countArgument(documentArgument(fields, "cursor"), "batchSize"),
    budget,
  });
}

/** `listDatabases`. Sizes are not kept. */
export function listDatabases({ fields, store }: CommandRequest): Uint8Array {
  const matches = compileFilter(documentArgument(fields, "filter"));
  const isNameOnly = flagArgument(fields, "nameOnly");
  const databases = store.databaseNames()
    .map((name) => toValue({ name, ...(isNameOnly ? {} : { sizeOnDisk: 0, empty: false }) }))
    .filter(({ bytes }) => matches(fieldsOf(bytes)));
  return reply({ databases, ...(isNameOnly ? {} : { totalSize: 0 }) });
}
