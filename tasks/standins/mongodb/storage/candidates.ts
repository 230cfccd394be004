import { BSONRegExp } from "bson";
import { equalityKey } from "../bson/equality_key.ts";
import { asDocument, type BsonDocument } from "../bson/values.ts";
import { equalitiesOf } from "../query/equalities.ts";
import { lookupKey } from "./index_keys.ts";
import type { StoredIndex } from "./collection.ts";
import type { Statements } from "./statements.ts";

/** Positions that a scan takes from SQLite at a time. No statement stays open between them, so that writes may pass. */
const PAGE_SIZE = 1000;

/**
 * The positions of the documents that may match a filter, in natural order: by `_id`, else by an index that the filter
 * fixes to one key, else all.
 */
export function* candidatesOf(
  statements: Statements,
  collection: number,
  indexes: readonly StoredIndex[],
  filter: BsonDocument,
): Generator<number> {
  const equalities = equalitiesOf(filter);
  const ids = equalities.has("_id") ? [equalities.get("_id")] : idList(filter._id);
  if (ids !== undefined) {
    const positions = ids.flatMap((id) =>
      positionsIn(statements.byId.all(collection, equalityKey(id)))
    );
    yield* [...new Set(positions)].sort((left, right) => left - right);
    return;
  }
  for (const index of indexes) {
    const key = lookupKey(equalities, index);
    if (key === undefined) continue;
    yield* positionsIn(statements.byKey.all(index.id, key));
    return;
  }
  yield* scan(statements, collection);
}

/** The values of `{_id: {$in: […]}}`. */
function idList(condition: unknown): readonly unknown[] | undefined {
  const list = asDocument(condition)?.$in;
  const isUsable = Array.isArray(list) && !list.some((id) => id instanceof BSONRegExp);
  return isUsable ? list : undefined;
}

function* scan(statements: Statements, collection: number): Generator<number> {
  let last = 0;
  while (true) {
    const page = positionsIn(statements.positions.all(collection, last, PAGE_SIZE));
    yield* page;
    if (page.length < PAGE_SIZE) return;
    last = page.at(-1) ?? last;
  }
}

function positionsIn(rows: readonly Record<string, unknown>[]): readonly number[] {
  return rows.map(({ position }) => Number(position));
}
