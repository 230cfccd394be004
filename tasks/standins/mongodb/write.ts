import { type Encodable, type EncodableFields, toValue, type Value } from "./bson.ts";
import type { StoredDocument } from "./collection.ts";
import { Arguments, type CommandRequest, fieldsIn, reply } from "./command.ts";
import { CommandError } from "./errors.ts";
import { scan } from "./read.ts";
import { compileUpdate, upsertedDocument, withId } from "./update.ts";
import { MAX_STATEMENTS } from "./wire.ts";
import { TIME_IS_OVER, type Work } from "./work.ts";

export function* insert(request: CommandRequest): Work<Uint8Array> {
  const { database, target, store } = request;
  let n = 0;
  const errors = yield* runStatements(request, "documents", function* ({ fields }) {
    yield;
    store.ensure(database, target).insert(withId(fields));
    n += 1;
  });
  return reply({ n, ...errors });
}

export function* update(request: CommandRequest): Work<Uint8Array> {
  const { database, target, store } = request;
  let [matched, modified] = [0, 0];
  const upserted: Encodable[] = [];
  const errors = yield* runStatements(request, "updates", function* (statement, index) {
    statement.check("update.updates", ["q", "u", "multi", "upsert"]);
    const isMulti = statement.flag("multi");
    const filter = fieldsIn(statement.required("q"), "q");
    const change = compileUpdate(statement.required("u"));
    if (isMulti && change.isReplacement) {
      throw new CommandError(9, "multi update is not supported for replacement-style update");
    }
    const { collection } = request;
    const count = yield* forEachMatch(scan(collection, filter), isMulti, (stored) => {
      if (collection?.replace(stored, change.apply(stored.fields, false))) modified += 1;
    });
    matched += count;
    if (count > 0 || !statement.flag("upsert")) return;
    const document = upsertedDocument(change, filter);
    store.ensure(database, target).insert(document);
    upserted.push({ index, _id: document.get("_id") ?? null });
  });
  return reply({
    n: matched + upserted.length,
    nModified: modified,
    ...(upserted.length === 0 ? {} : { upserted }),
    ...errors,
  });
}

/** `delete` (MongoDB manual, "delete"). A `limit` of 0 means all that match. */
export function* deleteDocuments(request: CommandRequest): Work<Uint8Array> {
  let n = 0;
  const errors = yield* runStatements(request, "deletes", function* (statement) {
    statement.check("delete.deletes", ["q", "limit"]);
    const limit = statement.required("limit").number;
    if (limit !== 0 && limit !== 1) {
      throw new CommandError(9, `The limit field in delete objects must be 0 or 1. Got ${limit}`);
    }
    const { collection } = request;
    const found = scan(collection, fieldsIn(statement.required("q"), "q"));
    n += yield* forEachMatch(found, limit === 0, ({ position }) => collection?.remove(position));
  });
  return reply({ n, ...errors });
}

function* forEachMatch(
  found: ReturnType<typeof scan>,
  isMulti: boolean,
  write: (stored: StoredDocument) => void,
): Work<number> {
  let count = 0;
  for (const stored of found) {
    if (stored !== undefined) {
      write(stored);
      count += 1;
      if (!isMulti) break;
    }
    yield;
  }
  return count;
}

/**
 * Runs the statements of a write command one by one. One that fails does not undo the others: it is reported by its index, and
 * ends an ordered command (MongoDB manual, "Write Command Behavior").
 */
function* runStatements(
  request: CommandRequest,
  field: string,
  run: (statement: Arguments, index: number) => Work<void>,
): Work<EncodableFields> {
  const isOrdered = request.flag("ordered", true);
  const statements = request.list(field);
  if (statements.length === 0 || statements.length > MAX_STATEMENTS) {
    throw new CommandError(
      16,
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${statements.length} operations.`,
    );
  }
  const writeErrors: Value[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      yield* run(new Arguments(fieldsIn(statement, field)), index);
    } catch (error) {
      if (!(error instanceof CommandError) || error.code === TIME_IS_OVER) throw error;
      const { code, message, details } = error;
      writeErrors.push(toValue({ index, code, errmsg: message, ...details }));
      if (isOrdered) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}
