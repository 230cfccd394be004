import { isTruthy, numberOf } from "../bson/number.ts";
import {
  documentOf,
  type Fields,
  listOf,
  textOf,
  TYPE,
  typeName,
  type Value,
} from "../bson/value.ts";
import { CommandError, unsupported } from "../errors.ts";

/** Refuses what is not understood: the answer to half of a question would be silently wrong. */
export function checkFields(
  fields: Fields,
  where: string,
  { known, refused }: { readonly known: readonly string[]; readonly refused: readonly string[] },
): void {
  for (const [field, value] of fields) {
    if (known.includes(field)) continue;
    if (!refused.includes(field)) {
      throw new CommandError(40415, `BSON field '${where}.${field}' is an unknown field.`);
    }
    if (field === "collation" && isSimple(value)) continue;
    // Drivers also send what is not wanted, as false.
    if (isTruthy(value)) throw unsupported(`the option ${field} of ${where}`);
  }
}

/** The simple collation compares byte by byte, as the stand-in always does. */
function isSimple(collation: Value): boolean {
  return textOf(documentOf(collation)?.get("locale")) === "simple";
}

export function documentArgument(fields: Fields, field: string): Fields {
  const value = fields.get(field);
  if (value === undefined || value.type === TYPE.null) return new Map();
  return documentOf(value) ?? wrongType(field, value, "object");
}

export function documentList(fields: Fields, field: string): readonly Fields[] {
  const value = required(fields, field);
  return (listOf(value) ?? wrongType(field, value, "array")).map((entry) =>
    documentOf(entry) ?? wrongType(field, entry, "object")
  );
}

export function required(fields: Fields, field: string): Value {
  const value = fields.get(field);
  if (value !== undefined) return value;
  throw new CommandError(40414, `BSON field '${field}' is missing but a required field`);
}

export function stringArgument(fields: Fields, field: string): string {
  const value = required(fields, field);
  return textOf(value) ?? wrongType(field, value, "string");
}

export function numberArgument(fields: Fields, field: string): number | undefined {
  const value = fields.get(field);
  if (value === undefined || value.type === TYPE.null) return undefined;
  return Math.trunc(numberOf(value) ?? wrongType(field, value, "number"));
}

export function countArgument(fields: Fields, field: string): number | undefined {
  const count = numberArgument(fields, field);
  if (count === undefined || count >= 0) return count;
  throw new CommandError(
    51024,
    `BSON field '${field}' value must be >= 0, actual value '${count}'`,
  );
}

/** A switch, which drivers also send as a number. */
export function flagArgument(fields: Fields, field: string, byDefault = false): boolean {
  const value = fields.get(field);
  if (value === undefined) return byDefault;
  if (value.type === TYPE.bool || numberOf(value) !== undefined) return isTruthy(value);
  return wrongType(field, value, "bool");
}

export function wrongType(field: string, value: Value, expected: string): never {
  throw new CommandError(
    14,
    `BSON field '${field}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  );
}
