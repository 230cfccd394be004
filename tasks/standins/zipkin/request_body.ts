import { gunzipSync } from "node:zlib";

/** The text of a request body, or the status and the text to answer with. */
export type BodyText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 400 | 413; readonly reason: string };

class BodyTooLarge extends Error {}

/**
 * Reads a request body, unpacking it when it is gzipped, within a limit that holds before and after unpacking.
 */
export async function readBody(request: Request, maxBytes: number): Promise<BodyText> {
  if (request.body === null) return { ok: true, text: "" };
  const isGzipped = request.headers.get("content-encoding")?.includes("gzip") ?? false;
  const tooLarge = `Cannot take more than ${maxBytes} bytes of spans`;
  let bytes: Uint8Array;
  try {
    bytes = await new Response(request.body.pipeThrough(limitBytes(maxBytes))).bytes();
  } catch (error) {
    if (error instanceof BodyTooLarge) return { ok: false, status: 413, reason: tooLarge };
    // The client went away; nobody reads the answer.
    return { ok: false, status: 400, reason: "Cannot read spans: the body is cut off" };
  }
  try {
    // Not `DecompressionStream`: it takes one member only, and gzip may have several (RFC 1952 section 2.2).
    if (isGzipped) bytes = gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    return error instanceof RangeError
      ? { ok: false, status: 413, reason: tooLarge }
      : { ok: false, status: 400, reason: "Cannot gunzip spans" };
  }
  return { ok: true, text: new TextDecoder().decode(bytes) };
}

function limitBytes(maxBytes: number): TransformStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new BodyTooLarge();
      controller.enqueue(chunk);
    },
  });
}
