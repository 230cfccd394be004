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

/** Measures the text and the HTML of a mail. */
export async function readBodySizes(raw: ReadableStream<Uint8Array>): Promise<BodySizes> {
  const { text = "", html = "" } = await readBodies(raw);
  const encoder = new TextEncoder();
  return { textBytes: encoder.encode(text).length, htmlBytes: encoder.encode(html).length };
}
