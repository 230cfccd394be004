import { ObjectId } from "bson";
import { toNumber } from "../bson/numbers.ts";
import { asDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";

/** MongoDB's answer to a second document with the same key. */
export function duplicateKey(
  namespace: string,
  index: string,
  fields: readonly string[],
  values: readonly unknown[],
  keyPattern: unknown = { _id: 1 },
): CommandError {
  const entries = fields.map((field, position) => [field, values[position] ?? null] as const);
  const shown = entries.map(([field, value]) => `${field}: ${show(value)}`).join(", ");
  return new CommandError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: { ${shown} }`,
    { keyPattern, keyValue: Object.fromEntries(entries) },
  );
}

function show(value: unknown): string {
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  const document = asDocument(value);
  if (document !== undefined) {
    return `{ ${
      Object.entries(document).map(([field, part]) => `${field}: ${show(part)}`).join(", ")
    } }`;
  }
  return String(toNumber(value) ?? JSON.stringify(value));
}
