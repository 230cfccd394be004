import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { decodeSpans } from "./span_codec.ts";
import { InvalidRequestError } from "./span_fields.ts";

/** The limit of Zipkin's own server (Armeria's default). */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Decodes the spans of a body; `undefined` when it is too large unpacked.
 *
 * @throws {InvalidRequestError} When they are malformed.
 */
export function decodeBody(
  body: Uint8Array,
  headers: Headers,
): readonly ZipkinSpan[] | undefined {
  const bytes = headers.get("content-encoding")?.includes("gzip") ? unpack(body) : body;
  return bytes && decodeSpans(new TextDecoder().decode(bytes));
}

/** `undefined` for a body that is too large. Hono's `bodyLimit` would make Deno warn about each body without a length. */
export async function readBody(
  { body }: Request,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body ?? []) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    // The client went away; nobody reads the answer.
    throw new InvalidRequestError("Cannot read spans: the body is cut off");
  }
  return Buffer.concat(chunks);
}

function unpack(bytes: Uint8Array): Uint8Array | undefined {
  try {
    // Not `DecompressionStream`: it takes one member only, and gzip may have several (RFC 1952 section 2.2).
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw new InvalidRequestError("Cannot gunzip spans");
  }
}
