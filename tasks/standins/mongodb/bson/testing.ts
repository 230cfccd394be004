import { deserialize, type Document, serialize } from "bson";
import { fieldsOf, NULL, type Value } from "./value.ts";

/** The fields of a document, as a driver would send it. */
export function fieldsFrom(document: Document): Map<string, Value> {
  return fieldsOf(serialize(document, { ignoreUndefined: true }));
}

/** The value that a driver would send. */
export function valueFrom(value: unknown): Value {
  return fieldsFrom({ value }).get("value") ?? NULL;
}

/** A document as a driver would show it. */
export function documentFrom(bytes: Uint8Array): Document {
  return deserialize(bytes);
}
