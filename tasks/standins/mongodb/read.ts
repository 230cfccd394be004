import { type Fields, toValue, type Value } from "./bson.ts";
import { type Collection, MAX_DOCUMENT_BYTES, type StoredDocument } from "./collection.ts";
import { Arguments, type CommandRequest, fieldsIn, reply } from "./command.ts";
import { CommandError, unsupported } from "./errors.ts";
import { compileFilter, idsOf } from "./filter.ts";
import { equalityText } from "./order.ts";
import { reach } from "./path.ts";
import { compileProjection } from "./projection.ts";
import { compileSort, type SortKey } from "./sort.ts";
import type { Work } from "./work.ts";

const MAX_SORT_BYTES = 100 * 1024 * 1024;

/** Documents that match, and `undefined` where others may have a turn. */
type Found = Generator<StoredDocument | undefined, void>;

/** `find` (MongoDB manual, "find"). The documents are read while the client takes the batches. */
export function find(request: CommandRequest): Work<Uint8Array> {
  const { namespace, collection, cursors, budget } = request;
  const sort = request.document("sort");
  const project = compileProjection(request.document("projection"));
  const matching = scan(collection, request.document("filter"));
  const found = limited(
    sort.size === 0 ? matching : sorted(collection, matching, sort),
    request.count("skip") ?? 0,
    request.count("limit") || Infinity,
  );
  return cursors.open({
    namespace,
    source: found.map((stored) => stored && (project?.(stored.fields).bytes ?? stored.bytes)),
    batchSize: request.count("batchSize"),
    isSingleBatch: request.flag("singleBatch"),
    budget,
  });
}

/** Finds the documents that match, in natural order; complains about the filter before it looks at any. */
export function scan(collection: Collection | undefined, filter: Fields): Found {
  const matches = compileFilter(filter);
  const ids = idsOf(filter);
  return (function* () {
    // Others may have a turn between two documents, but not between the look at one and its change.
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
      if (sizeBytes > MAX_SORT_BYTES) throw new CommandError(292, "Sort exceeded memory limit");
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

export function getMore(request: CommandRequest): Work<Uint8Array> {
  const { database, cursors } = request;
  const namespace = `${database}.${request.text("collection")}`;
  if (request.count("maxTimeMS")) {
    throw new CommandError(2, "cannot set maxTimeMS on getMore command for a non-awaitData cursor");
  }
  const cursor = cursors.get(cursorId(request.required("getMore")), namespace);
  request.budget = cursor.budget;
  return cursors.more(cursor, request.count("batchSize") || Infinity);
}

export function killCursors(request: CommandRequest): Uint8Array {
  const ids = request.list("cursors").map(cursorId);
  const killed = new Set(ids.filter((id) => request.cursors.kill(id)));
  return reply({
    cursorsKilled: [...killed],
    cursorsNotFound: ids.filter((id) => !killed.has(id)),
    cursorsAlive: [],
    cursorsUnknown: [],
  });
}

function cursorId({ exactNumber: id = NaN }: Value): bigint {
  if (typeof id === "bigint" || Number.isInteger(id)) return BigInt(id);
  throw new CommandError(14, "Cannot find a cursor: its id is no whole number");
}

export function* count(request: CommandRequest): Work<Uint8Array> {
  const limit = request.count("limit") || Infinity;
  const skip = request.count("skip") ?? 0;
  const query = request.document("query");
  return reply({ n: yield* countMatching(request.collection, query, skip, limit) });
}

function* countMatching(
  collection: Collection | undefined,
  filter: Fields,
  skip: number,
  limit: number,
): Work<number> {
  if (filter.size === 0) {
    return Math.min(Math.max(0, (collection?.count() ?? 0) - skip), limit);
  }
  let count = 0;
  for (const stored of limited(scan(collection, filter), skip, limit)) {
    if (stored !== undefined) count += 1;
    yield;
  }
  return count;
}

export function* distinct(request: CommandRequest): Work<Uint8Array> {
  const path = request.text("key").split(".");
  const values = new Map<string, Value>();
  let sizeBytes = 0;
  for (const stored of scan(request.collection, request.document("query"))) {
    yield;
    const reached = stored === undefined ? [] : reach(stored.fields, path);
    for (const each of reached.flatMap(({ value }) => value?.elements ?? value ?? [])) {
      const text = equalityText(each);
      if (values.has(text)) continue;
      values.set(text, each);
      sizeBytes += text.length;
      if (sizeBytes > MAX_DOCUMENT_BYTES) throw new CommandError(17217, "distinct too big");
    }
  }
  return reply({ values: [...values.values()] });
}

const COUNT_GROUP = equalityText(toValue({ _id: 1, n: { $sum: 1 } }));

/** `aggregate`, in the one form in which drivers count documents: match, perhaps skip and limit, and a group that adds up ones. */
export function* aggregate(request: CommandRequest): Work<Uint8Array> {
  const stages = request.list("pipeline").map((stage) => fieldsIn(stage, "pipeline"));
  const names = stages.map((stage) => [...stage.keys()].join());
  const group = stages.at(-1)?.get("$group");
  if (
    !/^\$match( \$skip)?( \$limit)? \$group$/.test(names.join(" ")) || group === undefined ||
    equalityText(group) !== COUNT_GROUP
  ) {
    throw unsupported("an aggregation pipeline other than that of countDocuments()");
  }
  const pipeline = new Arguments(new Map(stages.flatMap((stage) => [...stage])));
  const limit = pipeline.count("$limit") ?? Infinity;
  if (limit === 0) throw new CommandError(15958, "the limit must be positive");
  const skip = pipeline.count("$skip") ?? 0;
  const n = yield* countMatching(request.collection, pipeline.document("$match"), skip, limit);
  return yield* request.answerWith(request.namespace, n === 0 ? [] : [toValue({ _id: 1, n })]);
}
