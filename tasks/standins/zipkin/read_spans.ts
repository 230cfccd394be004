import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { isOfOtherSite } from "@playground/shared/http";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { decodeSpans } from "./span_codec.ts";
import { InvalidRequestError } from "./span_fields.ts";

/** The limit of Zipkin's own server (Armeria's default). */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Reads a body of spans. Hono's `bodyLimit` would make Deno warn about each body without a length.
 *
 * @throws {InvalidRequestError} When it is from a page of another site, too large, or cut off.
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (isOfOtherSite(request)) {
    throw new InvalidRequestError("Cannot take spans from a page of another web site", 403);
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    // The client went away; nobody reads the answer.
    throw new InvalidRequestError("Cannot read spans: the body is cut off");
  }
  if (sizeBytes > MAX_BODY_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

/**
 * Decodes the spans of a body.
 *
 * @throws {InvalidRequestError} When they are malformed, or too large unpacked.
 */
export function decodeBody(body: Uint8Array, headers: Headers): readonly ZipkinSpan[] {
  const bytes = headers.get("content-encoding")?.includes("gzip") ? unpack(body) : body;
  return decodeSpans(new TextDecoder().decode(bytes));
}

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    // Not `DecompressionStream`: it takes one member only, and gzip may have several (RFC 1952 section 2.2).
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    throw error instanceof RangeError ? tooLarge() : new InvalidRequestError("Cannot gunzip spans");
  }
}

function tooLarge(): InvalidRequestError {
  return new InvalidRequestError(`Cannot take more than ${MAX_BODY_BYTES} bytes of spans`, 413);
}
