import { isIPv4, isIPv6 } from "node:net";
import type { ZipkinEndpoint } from "@playground/shared/tracing/zipkin-span";

/** A client's invalid request; the message, in Zipkin's words, is the body of the answer. */
export class InvalidRequestError extends Error {
  override readonly name = "InvalidRequestError";

  constructor(message: string, readonly status: 400 | 403 | 413 | 415 = 400) {
    super(message);
  }
}

const NUMBER = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;

export type JsonObject = Readonly<Record<string, unknown>>;

type Reader<Value> = (path: string, value: unknown) => Value;

/** Anything else is malformed, as in Zipkin's reader. */
export function readObject(value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidRequestError("Malformed");
  }
  return value as JsonObject;
}

export function readList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidRequestError("Malformed");
  return value;
}

/** Reads the members of an object; `null` counts as absent. */
export function memberReader(at: string, object: JsonObject) {
  return <Value>(name: string, read: Reader<Value>): Value | undefined => {
    const value = object[name] ?? undefined;
    return value === undefined ? undefined : read(`${at}.${name}`, value);
  };
}

/** A number is read as its digits, as in Zipkin's reader (Gson). */
export function readString(path: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw unexpected("a string", nameOf(value), path);
}

/** Reads a whole number in any notation, or as a text. */
export function readInteger(path: string, value: unknown): number {
  if (typeof value === "string" && !NUMBER.test(value)) {
    throw new InvalidRequestError(`For input string: "${value}"`);
  }
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number)) return number;
  throw unexpected("a long", typeof number === "number" ? String(value) : nameOf(value), path);
}

/** Zipkin treats zero and less as absent. */
export function readPositive(path: string, value: unknown): number | undefined {
  const number = readInteger(path, value);
  return number > 0 ? number : undefined;
}

export function readBoolean(path: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw unexpected("a boolean", nameOf(value), path);
}

function unexpected(wanted: string, found: string, path: string): InvalidRequestError {
  return new InvalidRequestError(`Expected ${wanted} but was ${found} at path $${path}`);
}

function nameOf(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return "BEGIN_ARRAY";
  if (typeof value === "object") return "BEGIN_OBJECT";
  return (typeof value).toUpperCase();
}

/**
 * Writes a trace id as Zipkin stores it: padded on the left to 16 or 32 digits, and 16 where the upper half of 32 is zero
 * (`Span.normalizeTraceId`).
 *
 * @throws {InvalidRequestError} When it is empty, too long, all zeros, or has other characters.
 */
export function normalizeTraceId(traceId: string): string {
  if (/^0+$/.test(traceId)) throw new InvalidRequestError("traceId is all zeros");
  return checkedHex("traceId", traceId, 32).padStart(32, "0").replace(/^0{16}/, "");
}

export function normalizeSpanId(spanId: string): string {
  // Fewer zeros are a valid id, as in Zipkin.
  if (spanId === NO_ID) throw new InvalidRequestError("id is all zeros");
  return checkedHex("id", spanId, 16).padStart(16, "0");
}

/** Zeros mean a root. */
export function normalizeParentId(parentId: string): string | undefined {
  const id = checkedHex("parentId", parentId, 16).padStart(16, "0");
  return id === NO_ID ? undefined : id;
}

const NO_ID = "0".repeat(16);

function checkedHex(field: string, value: string, maxLength: number): string {
  if (value === "") throw new InvalidRequestError(`${field} is empty`);
  if (value.length > maxLength) throw new InvalidRequestError(`${field}.length > ${maxLength}`);
  if (/^[0-9a-f]+$/.test(value)) return value;
  throw new InvalidRequestError(`${value} should be lower-hex encoded with no prefix`);
}

/** Reads an endpoint as Zipkin does: the service's name in lower case, empty members left out. */
export function readEndpoint(path: string, value: unknown): ZipkinEndpoint | undefined {
  const member = memberReader(path, readObject(value));
  const serviceName = member("serviceName", readString)?.toLowerCase() || undefined;
  const addresses = inFamilies([member("ipv4", readString), member("ipv6", readString)]);
  const port = member("port", readPositive);
  if (port !== undefined && port > 65_535) throw new InvalidRequestError(`invalid port ${port}`);
  const endpoint: ZipkinEndpoint = { serviceName, ...addresses, port };
  return Object.values(endpoint).every((member) => member === undefined) ? undefined : endpoint;
}

/**
 * Sorts addresses into their family, whichever member they came in, and leaves out invalid ones. `::ffff:192.0.2.1` is an IPv4
 * address; an IPv6 address is written in its shortest form (RFC 5952).
 */
function inFamilies(addresses: readonly (string | undefined)[]) {
  let ipv4: string | undefined;
  let ipv6: string | undefined;
  for (const address of addresses.filter((address) => address !== undefined)) {
    const unmapped = address.replace(/^::(ffff:)?(?=[\d.]+$)/i, "");
    if (isIPv4(unmapped)) ipv4 = unmapped;
    else if (isIPv6(address) && !address.includes("%")) {
      ipv6 = new URL(`http://[${address}]`).hostname.slice(1, -1);
    }
  }
  return { ipv4, ipv6 };
}
