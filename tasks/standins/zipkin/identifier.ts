import { InvalidRequestError } from "./invalid_request_error.ts";

/**
 * Checks a trace id and writes it as Zipkin stores it: padded on the left to 16 or 32 digits, and 16 where the upper
 * half of 32 is zero (`Span.normalizeTraceId`).
 *
 * @throws {InvalidRequestError} When it is empty, too long, all zeros, or has other characters.
 */
export function normalizeTraceId(traceId: string): string {
  checkHex("traceId", traceId, 32);
  if (/^0+$/.test(traceId)) throw new InvalidRequestError("traceId is all zeros");
  const padded = traceId.padStart(traceId.length > 16 ? 32 : 16, "0");
  return padded.length === 32 && padded.startsWith("0".repeat(16)) ? padded.slice(16) : padded;
}

/**
 * Checks a span id and pads it on the left to 16 digits.
 *
 * @throws {InvalidRequestError} When it is empty, too long, all zeros, or has other characters.
 */
export function normalizeSpanId(id: string): string {
  checkHex("id", id, 16);
  if (/^0+$/.test(id)) throw new InvalidRequestError("id is all zeros");
  return id.padStart(16, "0");
}

/**
 * Checks a parent id and pads it on the left to 16 digits.
 *
 * @throws {InvalidRequestError} When it is empty, too long, or has other characters.
 */
export function normalizeParentId(parentId: string): string | undefined {
  checkHex("parentId", parentId, 16);
  return /^0+$/.test(parentId) ? undefined : parentId.padStart(16, "0");
}

function checkHex(field: string, value: string, maxLength: number): void {
  if (value === "") throw new InvalidRequestError(`${field} is empty`);
  if (value.length > maxLength) throw new InvalidRequestError(`${field}.length > ${maxLength}`);
  if (!/^[0-9a-f]+$/.test(value)) {
    throw new InvalidRequestError(`${value} should be lower-hex encoded with no prefix`);
  }
}
