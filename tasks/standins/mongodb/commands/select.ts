import type { BsonDocument } from "../bson/values.ts";
import { compileFilter } from "../query/filter.ts";
import { compileSort } from "../query/sort.ts";
import type { Collection, StoredDocument } from "../storage/collection.ts";

/** Which documents a command is about, and in which order. */
export interface Selection {
  /** The query filter. */
  readonly filter: BsonDocument;
  /** An empty document for natural order. */
  readonly sort?: BsonDocument;
  /** So many are left out at the beginning. */
  readonly skip?: number;
  /** At most so many; 0 for all. */
  readonly limit?: number;
}

/**
 * Finds documents. Without a sort they are read one by one as they are asked for; with one their sort keys are held in
 * memory, not the documents.
 *
 * @throws {CommandError} at once when filter or sort are malformed.
 */
export function selectDocuments(
  collection: Collection | undefined,
  { filter, sort = {}, skip = 0, limit = 0 }: Selection,
): Iterable<StoredDocument> {
  compileFilter(filter);
  const isSorted = Object.keys(sort).length > 0;
  const order = isSorted ? compileSort(sort) : undefined;
  if (collection === undefined) return [];
  const found = order === undefined ? collection.find(filter) : sorted(collection, filter, order);
  return limited(found, skip, limit);
}

function* sorted(
  collection: Collection,
  filter: BsonDocument,
  { keyOf, compareKeys }: ReturnType<typeof compileSort>,
): Generator<StoredDocument> {
  const entries = Array.from(
    collection.find(filter),
    ({ position, document }) => ({ position, key: keyOf(document) }),
  );
  entries.sort((left, right) => compareKeys(left.key, right.key));
  for (const { position } of entries) {
    const stored = collection.read(position);
    if (stored !== undefined) yield stored;
  }
}

function* limited(
  documents: Iterable<StoredDocument>,
  skip: number,
  limit: number,
): Generator<StoredDocument> {
  let seen = 0;
  for (const document of documents) {
    seen += 1;
    if (seen <= skip) continue;
    yield document;
    if (limit > 0 && seen === skip + limit) return;
  }
}
