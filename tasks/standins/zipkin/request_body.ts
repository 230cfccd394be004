import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";

/** The text of a request body, or the status and the text to answer with. */
export type BodyText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 400 | 413; readonly reason: string };

/** Reads a request body, unpacking it when it is gzipped, within a limit that holds before and after unpacking. */
export async function readBody(request: Request, maxBytes: number): Promise<BodyText> {
  const refuse = (status: 400 | 413, reason: string) => ({ ok: false, status, reason }) as const;
  const tooLarge = refuse(413, `Cannot take more than ${maxBytes} bytes of spans`);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) return tooLarge;
      chunks.push(chunk);
    }
  } catch {
    // The client went away; nobody reads the answer.
    return refuse(400, "Cannot read spans: the body is cut off");
  }
  let bytes: Uint8Array = Buffer.concat(chunks);
  try {
    // Not `DecompressionStream`: it takes one member only, and gzip may have several (RFC 1952 section 2.2).
    if (request.headers.get("content-encoding")?.includes("gzip")) {
      bytes = gunzipSync(bytes, { maxOutputLength: maxBytes });
    }
  } catch (error) {
    return error instanceof RangeError ? tooLarge : refuse(400, "Cannot gunzip spans");
  }
  return { ok: true, text: new TextDecoder().decode(bytes) };
}
