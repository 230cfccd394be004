import PostalMime from "postal-mime";

/** What a mail says, decoded; a mail that cannot be parsed says nothing. */
export interface MessageBodies {
  readonly text?: string | undefined;
  readonly html?: string | undefined;
}

/** How long the bodies of a mail are in UTF-8; 0 for one that it has not. */
export interface BodySizes {
  readonly textBytes: number;
  readonly htmlBytes: number;
}

/** Reads the text and the HTML of a mail. */
export async function readBodies(raw: ReadableStream<Uint8Array>): Promise<MessageBodies> {
  return await PostalMime.parse(raw).catch(() => ({}));
}

/**
 * So much of a mail is parsed to measure its bodies, which come before the attachments. The parser takes some 400 ms for each MB,
 * in which nobody else is served; of longer bodies only that much is counted.
 */
const MEASURED_BYTES = 64 * 1024;

/** Measures the text and the HTML of a mail. */
export async function readBodySizes(raw: ReadableStream<Uint8Array>): Promise<BodySizes> {
  const { text = "", html = "" } = await readBodies(raw.pipeThrough(firstBytes(MEASURED_BYTES)));
  const encoder = new TextEncoder();
  return { textBytes: encoder.encode(text).length, htmlBytes: encoder.encode(html).length };
}

/** Passes so many bytes on, and no more. */
function firstBytes(count: number): TransformStream<Uint8Array, Uint8Array> {
  let missing = count;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, missing));
      missing -= chunk.length;
      if (missing <= 0) controller.terminate();
    },
  });
}
