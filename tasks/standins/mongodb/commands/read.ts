import { numberOf } from "../bson/number.ts";
import { equalityText } from "../bson/order.ts";
import { reach } from "../bson/path.ts";
import { type Fields, listOf, toValue, TYPE, type Value, viewOf } from "../bson/value.ts";
import type { DocumentSource } from "../cursors.ts";
import { CommandError, unsupported } from "../errors.ts";
import { compileFilter, idsOf } from "../query/filter.ts";
import { compileProjection } from "../query/projection.ts";
import { compileSort, type SortKey } from "../query/sort.ts";
import { type Collection, MAX_DOCUMENT_BYTES, type StoredDocument } from "../store/collection.ts";
import type { Work } from "../work.ts";
import {
  countArgument,
  documentArgument,
  documentList,
  flagArgument,
  numberArgument,
  required,
  stringArgument,
} from "./arguments.ts";
import { type CommandRequest, reply } from "./command.ts";

const MAX_SORT_BYTES = 100 * 1024 * 1024;

/** Documents that match, and `undefined` where others may have a turn. */
type Found = Generator<StoredDocument | undefined, void>;

/** `find` (MongoDB manual, "find"). The documents are read while the client takes the batches. */
export function find(request: CommandRequest): Work<Uint8Array> {
  const { database, fields, store, cursors, budget } = request;
  const name = stringArgument(fields, "find");
  const sort = documentArgument(fields, "sort");
  const project = compileProjection(documentArgument(fields, "projection"));
  const collection = store.collectionsOf(database).get(name);
  const matching = scan(collection, documentArgument(fields, "filter"));
  const found = limited(
    sort.size === 0 ? matching : sorted(collection, matching, sort),
    countArgument(fields, "skip") ?? 0,
    countArgument(fields, "limit") || Infinity,
  );
  return cursors.open({
    namespace: `${database}.${name}`,
    source: encoded(found, ({ bytes, fields }) => project?.(fields).bytes ?? bytes),
    batchSize: countArgument(fields, "batchSize"),
    isSingleBatch: flagArgument(fields, "singleBatch"),
    budget,
  });
}

/** Finds the documents that match, in natural order; complains about the filter before it looks at any. */
function scan(collection: Collection | undefined, filter: Fields): Found {
  const matches = compileFilter(filter);
  const ids = idsOf(filter);
  return (function* () {
    for (const position of collection?.positions(ids) ?? []) {
      const stored = collection?.read(position);
      yield stored !== undefined && matches(stored.fields) ? stored : undefined;
    }
  })();
}

/** Sorts documents; their sort keys are held in memory, not they. */
function sorted(collection: Collection | undefined, found: Found, specification: Fields): Found {
  const { keyOf, compareKeys } = compileSort(specification);
  return (function* () {
    const entries: { readonly position: number; readonly key: SortKey }[] = [];
    let sizeBytes = 0;
    for (const stored of found) {
      yield;
      if (stored === undefined) continue;
      const key = keyOf(stored.fields);
      sizeBytes += key.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (sizeBytes > MAX_SORT_BYTES) {
        throw new CommandError(292, `Sort exceeded memory limit of ${MAX_SORT_BYTES} bytes`);
      }
      entries.push({ position: stored.position, key });
    }
    entries.sort((left, right) => compareKeys(left.key, right.key));
    for (const { position } of entries) yield collection?.read(position);
  })();
}

function* limited(found: Found, skip: number, limit: number): Found {
  let seen = 0;
  for (const stored of found) {
    if (stored === undefined) yield;
    else if (++seen > skip) yield stored;
    if (seen >= skip + limit) return;
  }
}

function* encoded(
  found: Found,
  encode: (stored: StoredDocument) => Uint8Array,
): DocumentSource & Generator<Uint8Array | undefined, void> {
  for (const stored of found) yield stored === undefined ? undefined : encode(stored);
}

export function getMore(request: CommandRequest): Work<Uint8Array> {
  const { database, fields, cursors } = request;
  const namespace = `${database}.${stringArgument(fields, "collection")}`;
  const cursor = cursors.get(cursorId(required(fields, "getMore")), namespace);
  request.budget = cursor.budget;
  return cursors.more(cursor, countArgument(fields, "batchSize") || Infinity);
}

export function killCursors({ fields, cursors }: CommandRequest): Uint8Array {
  const ids = (listOf(required(fields, "cursors")) ?? []).map(cursorId);
  const killed = ids.filter((id) => cursors.kill(id));
  return reply({
    cursorsKilled: killed,
    cursorsNotFound: ids.filter((id) => !killed.includes(id)),
    cursorsAlive: [],
    cursorsUnknown: [],
  });
}

function cursorId(value: Value): bigint {
  if (value.type === TYPE.long) return viewOf(value).getBigInt64(0, true);
  const number = numberOf(value);
  if (number !== undefined && Number.isInteger(number)) return BigInt(number);
  throw new CommandError(14, "Cannot find a cursor: its id is no whole number");
}

export function* count({ database, fields, store }: CommandRequest): Work<Uint8Array> {
  const collection = store.collectionsOf(database).get(stringArgument(fields, "count"));
  const limit = Math.abs(numberArgument(fields, "limit") ?? 0) || Infinity;
  const skip = countArgument(fields, "skip") ?? 0;
  return reply({
    n: yield* countMatching(collection, documentArgument(fields, "query"), skip, limit),
  });
}

function* countMatching(
  collection: Collection | undefined,
  filter: Fields,
  skip: number,
  limit: number,
): Work<number> {
  const found = scan(collection, filter);
  if (filter.size === 0) {
    return Math.min(Math.max(0, (collection?.count() ?? 0) - skip), limit);
  }
  let count = 0;
  for (const stored of limited(found, skip, limit)) {
    if (stored !== undefined) count += 1;
    yield;
  }
  return count;
}

export function* distinct({ database, fields, store }: CommandRequest): Work<Uint8Array> {
  const [first = "", ...rest] = stringArgument(fields, "key").split(".");
  const collection = store.collectionsOf(database).get(stringArgument(fields, "distinct"));
  const values = new Map<string, Value>();
  let sizeBytes = 0;
  for (const stored of scan(collection, documentArgument(fields, "query"))) {
    yield;
    const reached = stored === undefined ? [] : reach(stored.fields.get(first), rest);
    for (const { value } of reached) {
      for (const each of listOf(value) ?? [value]) {
        if (each === undefined) continue;
        const text = equalityText(each);
        if (values.has(text)) continue;
        values.set(text, each);
        sizeBytes += text.length;
        if (sizeBytes > MAX_DOCUMENT_BYTES) {
          throw new CommandError(17217, "distinct too big, 16mb cap");
        }
      }
    }
  }
  return reply({ values: [...values.values()] });
}

/** `aggregate`, in the one form in which drivers count documents: match, perhaps skip and limit, and a group that adds up ones. */
export function* aggregate(
  { database, fields, store, cursors, budget }: CommandRequest,
): Work<Uint8Array> {
  const stages = documentList(fields, "pipeline");
  const names = stages.map((stage) => [...stage.keys()].join());
  const group = stages.at(-1)?.get("$group");
  if (
    !/^\$match( \$skip)?( \$limit)? \$group$/.test(names.join(" ")) || group === undefined ||
    equalityText(group) !== COUNT_GROUP
  ) {
    throw unsupported("an aggregation pipeline other than that of countDocuments()");
  }
  const pipeline = new Map(stages.flatMap((stage) => [...stage]));
  const limit = countArgument(pipeline, "$limit") ?? Infinity;
  if (limit === 0) throw new CommandError(15958, "the limit must be positive");
  const name = stringArgument(fields, "aggregate");
  const collection = store.collectionsOf(database).get(name);
  const filter = documentArgument(pipeline, "$match");
  const n = yield* countMatching(collection, filter, countArgument(pipeline, "$skip") ?? 0, limit);
  const results = n === 0 ? [] : [toValue({ _id: 1, n }).bytes];
  return yield* cursors.open({
    namespace: `${database}.${name}`,
    source: results.values(),
    batchSize: countArgument(documentArgument(fields, "cursor"), "batchSize"),
    budget,
  });
}

const COUNT_GROUP = equalityText(toValue({ _id: 1, n: { $sum: 1 } }));
