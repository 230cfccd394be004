import { type Encodable, type Fields, toValue, type Value } from "../bson/value.ts";
import { numberOf } from "../bson/number.ts";
import { CommandError } from "../errors.ts";
import { compileFilter, idsOf } from "../query/filter.ts";
import type { Collection } from "../store/collection.ts";
import { compileUpdate, upsertedDocument, withId } from "../update/update.ts";
import type { Work } from "../work.ts";
import {
  checkFields,
  documentArgument,
  documentList,
  flagArgument,
  required,
  stringArgument,
} from "./arguments.ts";
import { type CommandRequest, reply } from "./command.ts";

export function* insert({ database, fields, store }: CommandRequest): Work<Uint8Array> {
  const name = stringArgument(fields, "insert");
  let n = 0;
  const errors = yield* runStatements(fields, "documents", function* (document) {
    yield;
    store.ensure(database, name).insert(withId(document));
    n += 1;
  });
  return reply({ n, ...errors });
}

const UPDATE_FIELDS = {
  known: ["q", "u", "multi", "upsert"],
  refused: ["arrayFilters", "c", "collation", "hint"],
};

export function* update({ database, fields, store }: CommandRequest): Work<Uint8Array> {
  const name = stringArgument(fields, "update");
  let [matched, modified] = [0, 0];
  const upserted: Encodable[] = [];
  const errors = yield* runStatements(fields, "updates", function* (statement, index) {
    checkFields(statement, "update.updates", UPDATE_FIELDS);
    const isMulti = flagArgument(statement, "multi");
    const filter = filterOf(statement);
    const change = compileUpdate(required(statement, "u"));
    if (isMulti && change.isReplacement) {
      throw new CommandError(9, "multi update is not supported for replacement-style update");
    }
    const collection = store.collectionsOf(database).get(name);
    const count = yield* forEachMatch(collection, filter, isMulti, (collection, stored) => {
      if (collection.replace(stored, change.apply(stored.fields, false))) modified += 1;
    });
    matched += count;
    if (count > 0 || !flagArgument(statement, "upsert")) return;
    const document = upsertedDocument(change, filter);
    store.ensure(database, name).insert(document);
    upserted.push({ index, _id: document.get("_id") ?? null });
  });
  return reply({
    n: matched + upserted.length,
    nModified: modified,
    ...(upserted.length === 0 ? {} : { upserted }),
    ...errors,
  });
}

const DELETE_FIELDS = { known: ["q", "limit"], refused: ["collation", "hint"] };

/** `delete` (MongoDB manual, "delete"). A `limit` of 0 means all that match. */
export function* deleteDocuments({ database, fields, store }: CommandRequest): Work<Uint8Array> {
  const name = stringArgument(fields, "delete");
  let n = 0;
  const errors = yield* runStatements(fields, "deletes", function* (statement) {
    checkFields(statement, "delete.deletes", DELETE_FIELDS);
    const limit = numberOf(required(statement, "limit"));
    if (limit !== 0 && limit !== 1) {
      throw new CommandError(9, `The limit field in delete objects must be 0 or 1. Got ${limit}`);
    }
    const collection = store.collectionsOf(database).get(name);
    n += yield* forEachMatch(collection, filterOf(statement), limit === 0, (collection, stored) => {
      collection.remove(stored.position);
    });
  });
  return reply({ n, ...errors });
}

function filterOf(statement: Fields): Fields {
  required(statement, "q");
  return documentArgument(statement, "q");
}

/** Does something to each document that matches, or to the first one; tells to how many. */
function* forEachMatch(
  collection: Collection | undefined,
  filter: Fields,
  isMulti: boolean,
  write: (collection: Collection, stored: NonNullable<ReturnType<Collection["read"]>>) => void,
): Work<number> {
  const matches = compileFilter(filter);
  let count = 0;
  for (const position of collection?.positions(idsOf(filter)) ?? []) {
    // Others may write here, but not between the look at a document and its change.
    yield;
    const stored = collection?.read(position);
    if (collection === undefined || stored === undefined || !matches(stored.fields)) continue;
    write(collection, stored);
    count += 1;
    if (!isMulti) break;
  }
  return count;
}

const TIME_IS_OVER = 50;

/**
 * Runs the statements of a write command one by one. One that fails does not undo the others: it is reported by its place, and
 * ends the command when that is ordered (MongoDB manual, "Write Command Behavior").
 */
function* runStatements(
  fields: Fields,
  field: string,
  run: (statement: Fields, index: number) => Work<void>,
): Work<Readonly<Record<string, Encodable>>> {
  const isOrdered = flagArgument(fields, "ordered", true);
  const writeErrors: Value[] = [];
  for (const [index, statement] of documentList(fields, field).entries()) {
    try {
      yield* run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError) || error.code === TIME_IS_OVER) throw error;
      const { code, message, details } = error;
      writeErrors.push(toValue({ index, code, errmsg: message, ...details }));
      if (isOrdered) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}
