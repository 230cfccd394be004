import { BSONRegExp } from "bson";
import { asDocument, type BsonDocument, isOperatorDocument } from "../bson/values.ts";

/**
 * The fields that a filter fixes to one value, `$and` included. An index lookup starts from them, and so does the
 * document that an upsert inserts (MongoDB manual, "Upsert with Operator Expressions").
 */
export function equalitiesOf(filter: BsonDocument): ReadonlyMap<string, unknown> {
  const equalities = new Map<string, unknown>();
  collect(filter, equalities);
  return equalities;
}

function collect(filter: BsonDocument, equalities: Map<string, unknown>): void {
  for (const [key, condition] of Object.entries(filter)) {
    if (key === "$and" && Array.isArray(condition)) {
      for (const entry of condition) collect(asDocument(entry) ?? {}, equalities);
    } else if (!key.startsWith("$")) {
      const equality = equalityOf(condition);
      if (equality !== undefined) equalities.set(key, equality.value);
    }
  }
}

function equalityOf(condition: unknown): { readonly value: unknown } | undefined {
  if (condition instanceof BSONRegExp) return undefined;
  if (!isOperatorDocument(condition)) return { value: condition };
  if (Object.hasOwn(condition, "$eq")) return { value: condition.$eq };
  const candidates = condition.$in;
  const isSingle = Array.isArray(candidates) && candidates.length === 1 &&
    !(candidates[0] instanceof BSONRegExp);
  return isSingle ? { value: candidates[0] } : undefined;
}
