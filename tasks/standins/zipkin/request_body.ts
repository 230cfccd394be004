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
  try {
    const limited = request.body.pipeThrough(limitBytes(maxBytes));
    const stream = isGzipped
      ? limited.pipeThrough(new DecompressionStream("gzip")).pipeThrough(limitBytes(maxBytes))
      : limited;
    return { ok: true, text: await new Response(stream).text() };
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      return { ok: false, status: 413, reason: `Cannot take more than ${maxBytes} bytes of spans` };
    }
    // The stream ends in an error when it is not gzip, and when the client goes away; nobody reads the answer then.
    const reason = isGzipped ? "Cannot gunzip spans" : "Cannot read spans: the body is cut off";
    return { ok: false, status: 400, reason };
  }
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
