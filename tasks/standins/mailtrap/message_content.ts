import { Buffer } from "node:buffer";
import { buffer, text } from "node:stream/consumers";
import mailsplit from "@zone-eu/mailsplit";
import libmime from "libmime";

export interface MailHeader {
  readonly name: string;
  /** Unfolded (RFC 5322 section 2.2.3); encoded words stay as they are. */
  readonly value: string;
}

export interface MessageContent {
  readonly headers: readonly MailHeader[];
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly { readonly name?: string; readonly type: string }[];
}

interface Part {
  readonly node: mailsplit.MimeNode;
  readonly encoded: Buffer[];
}

/** Each line within the innermost part is compared with the boundary of each part around it. */
const MAX_DEPTH = 100;

/** Reads a mail (RFC 5322, RFC 2045); `undefined` if it cannot be parsed, or is deleted meanwhile. */
export async function readContent(
  raw: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<MessageContent | undefined> {
  let parts: readonly Part[];
  try {
    parts = await splitParts(raw);
  } catch {
    return undefined;
  }
  const leaves = parts.filter(({ node }) => !node.multipart);
  const bodies = Map.groupBy(
    leaves,
    ({ node }) => node.disposition === "attachment" ? undefined : node.contentType,
  );
  const textParts = bodies.get("text/plain") ?? [];
  const htmlParts = bodies.get("text/html") ?? [];
  return {
    headers: headersOf(parts[0]?.node.headers || new mailsplit.Headers()),
    text: await textOf(textParts),
    html: await textOf(htmlParts),
    attachments: leaves.filter((part) => !textParts.includes(part) && !htmlParts.includes(part))
      .map(({ node }) => ({
        ...(node.filename ? { name: node.filename } : {}),
        type: node.contentType || "application/octet-stream",
      })),
  };
}

/** Lines that are no header are left out. */
export function headersOf(headers: mailsplit.Headers): readonly MailHeader[] {
  return headers.getList().filter(({ key }) => key !== "").map(({ line }) => {
    // The library keeps a character a byte; headers may be UTF-8 (RFC 6532).
    const written = Buffer.from(line, "latin1").toString();
    const colon = written.indexOf(":");
    return {
      name: written.slice(0, colon).trim(),
      value: written.slice(colon + 1).replace(/\r?\n/g, "").trim(),
    };
  });
}

async function splitParts(
  raw: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<readonly Part[]> {
  const pieces = await Array.fromAsync(raw);
  const splitter = new mailsplit.Splitter({ ignoreEmbedded: true });
  for (const piece of pieces) splitter.write(piece);
  splitter.end();
  const chunks: AsyncIterable<mailsplit.SplitterChunk> = splitter;
  const parts: Part[] = [];
  for await (const chunk of chunks) {
    if (chunk.type === "body") parts.at(-1)?.encoded.push(chunk.value);
    if (chunk.type !== "node") continue;
    if (depthOf(chunk) > MAX_DEPTH) throw new RangeError("The parts are nested too deep");
    parts.push({ node: chunk, encoded: [] });
  }
  return parts;
}

function depthOf({ parentNode }: mailsplit.MimeNode): number {
  return parentNode ? 1 + depthOf(parentNode) : 0;
}

async function textOf(parts: readonly Part[]): Promise<string | undefined> {
  const texts = parts.map(async ({ node, encoded }) => {
    const bytes = await buffer(node.getDecoder().end(Buffer.concat(encoded)));
    return await text(libmime.createDecodeStream(node.charset || undefined).end(bytes));
  });
  return texts.length === 0 ? undefined : (await Promise.all(texts)).join("\n");
}
