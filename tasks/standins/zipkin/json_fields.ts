import { InvalidRequestError } from "./invalid_request_error.ts";

const NUMBER = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;

/** A JSON object whose members have not been checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads an object; anything else is malformed, as Zipkin's reader says. */
export function readObject(value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidRequestError("Malformed");
  }
  return value as JsonObject;
}

/** Reads a list; anything else is malformed. */
export function readList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidRequestError("Malformed");
  return value;
}

/** Reads a text. A number passes for its digits, as in Zipkin's reader (Gson). */
export function readString(path: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new InvalidRequestError(`Expected a string but was ${describe(value)} at path $${path}`);
}

/** Reads a whole number, in whatever form it is written, also as a text. */
export function readInteger(path: string, value: unknown): number {
  if (typeof value === "string" && !NUMBER.test(value)) {
    throw new InvalidRequestError(`For input string: "${value}"`);
  }
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number)) return number;
  const found = typeof number === "number" ? String(value) : describe(value);
  throw new InvalidRequestError(`Expected a long but was ${found} at path $${path}`);
}

/** Reads true or false. */
export function readBoolean(path: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new InvalidRequestError(`Expected a boolean but was ${describe(value)} at path $${path}`);
}

function describe(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return "BEGIN_ARRAY";
  if (typeof value === "object") return "BEGIN_OBJECT";
  return (typeof value).toUpperCase();
}
