import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Transform } from "node:stream";
import { finished } from "node:stream/promises";
import mailsplit from "@zone-eu/mailsplit";
import libmime from "libmime";
import { joinFlowedLines } from "./flowed_text.ts";
import { LineEndConverter } from "./line_ends.ts";
import { pieces } from "./pace.ts";
import { MAX_HEADER_BYTES, type SplitMail } from "./split_mail.ts";

/** The description of an attachment; its bytes are in the mail. */
export interface MailAttachment {
  readonly name: string | null;
  readonly type: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface MailParts {
  /** The plain text, decoded; its line ends are `\n`, and the one that ends the last line is left out. */
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly MailAttachment[];
}

const LINE_FEED = 0x0a;
const TYPE = /^[^\s/]+\/[^\s/]+$/;
const MIME_HEADER = /^content-(?:type|disposition|transfer-encoding)$/i;
/** Each line within the innermost part is compared with the boundary of each part around it. */
const MAX_DEPTH = 100;
/** Lines of quoted-printable have 76 characters (RFC 2045 section 6.7). */
const MAX_QUOTED_PRINTABLE_LINE_BYTES = 1024 * 1024;
/** People write no longer text; a program's text keeps its lines. */
const MAX_FLOWED_LENGTH = 1024 * 1024;

const encoder = new TextEncoder();

/**
 * Reads the MIME parts of a mail (RFC 2045, RFC 2046). An attached mail is one attachment.
 *
 * The mail streams through mailsplit, which yields to other work.
 *
 * @throws {Error} If the mail cannot be read, or the signal aborts.
 */
export async function readParts(mail: SplitMail, signal: AbortSignal): Promise<MailParts> {
  const texts: string[] = [];
  const htmls: string[] = [];
  const attachments: MailAttachment[] = [];
  const read = async (part: TextPart | AttachmentPart | undefined) => {
    await part?.end();
    if (part instanceof AttachmentPart) attachments.push(part.summary());
    if (part instanceof TextPart) (part.isHtml ? htmls : texts).push(part.text());
  };
  const content = await contentOf(mail);
  const splitter = new mailsplit.Splitter({ ignoreEmbedded: true, maxHeadSize: MAX_HEADER_BYTES });
  splitter.write(mimeHeaders(mail));
  for (const piece of content) splitter.write(piece);
  splitter.end();
  const chunks: AsyncIterable<mailsplit.SplitterChunk> = splitter;
  let nodeCount = 0;
  let part: TextPart | AttachmentPart | undefined;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (chunk.type === "body") await part?.write(chunk.value);
    if (chunk.type !== "node") continue;
    nodeCount++;
    await read(part);
    part = partOf(chunk);
  }
  // The boundary of its parts is missing: it is text.
  if (nodeCount === 1 && part === undefined) {
    return await readParts({ ...mail, headers: [] }, signal);
  }
  await read(part);
  return {
    text: texts.length === 0 ? null : texts.join("\n"),
    html: htmls.length === 0 ? null : htmls.join("\n"),
    attachments,
  };
}

function mimeHeaders({ headers }: SplitMail): Uint8Array {
  const lines = headers.filter(({ name }) => MIME_HEADER.test(name))
    .map(({ name, value }) => `${name}: ${value}\r\n`);
  return encoder.encode(`${lines.join("")}\r\n`);
}

/** The body in pieces, with mailsplit's line ends. */
async function contentOf({ body, hasOddLineEnds }: SplitMail): Promise<readonly Uint8Array[]> {
  const content: Uint8Array[] = [];
  const lineEnds = new LineEndConverter("\r\n");
  for await (const { start, end } of pieces(body.length)) {
    const piece = body.subarray(start, end);
    content.push(hasOddLineEnds ? lineEnds.convert(piece) : piece);
  }
  return [...content, lineEnds.end()];
}

function partOf(node: mailsplit.MimeNode): TextPart | AttachmentPart | undefined {
  if (depthOf(node) > MAX_DEPTH) throw new Error(`parts are nested more than ${MAX_DEPTH} deep`);
  if (node.multipart) return undefined;
  const type = node.contentType || "";
  // An invalid type, such as `text`, counts as plain text (RFC 2045 section 5.2); not that of a file.
  const isText = ["text/plain", "text/html"].includes(type) || (!TYPE.test(type) && !node.filename);
  return isText && node.disposition !== "attachment"
    ? new TextPart(node)
    : new AttachmentPart(node);
}

function depthOf({ parentNode }: mailsplit.MimeNode): number {
  return parentNode ? 1 + depthOf(parentNode) : 0;
}

abstract class Part {
  readonly node: mailsplit.MimeNode;
  #decoder: Transform | undefined;
  /** The beginning of four characters of base64, which stand for three bytes. */
  #openGroup = "";
  #lineLength = 0;

  constructor(node: mailsplit.MimeNode) {
    this.node = node;
  }

  /** Takes bytes of the part as they are in the mail. */
  async write(encoded: Buffer): Promise<void> {
    switch (this.node.encoding) {
      case "base64":
        this.#decodeBase64(encoded);
        break;
      case "quoted-printable":
        await this.#decodeLines(encoded);
        break;
      default:
        this.take(encoded);
    }
  }

  async end(): Promise<void> {
    if (this.#openGroup !== "") this.#decode(Buffer.from(this.#openGroup));
    if (this.#decoder === undefined) return;
    this.#decoder.end();
    await finished(this.#decoder);
    this.#decoder = undefined;
  }

  protected abstract take(bytes: Uint8Array): void;

  #decodeBase64(encoded: Buffer): void {
    if (this.#decoder !== undefined) return this.#decode(encoded);
    const text = this.#openGroup + encoded.toString("latin1");
    const decoded = decodeGroups(text);
    this.#openGroup = decoded?.rest ?? "";
    if (decoded === undefined) this.#decode(Buffer.from(text, "latin1"));
    else this.take(decoded.bytes);
  }

  #decode(encoded: Buffer): void {
    this.#decoder ??= this.node.getDecoder().on("data", (bytes: Buffer) => this.take(bytes));
    this.#decoder.write(encoded);
  }

  /** A quoted-printable decoder flushes when it ends, and can end with any line. */
  async #decodeLines(encoded: Buffer): Promise<void> {
    const lineEnd = encoded.lastIndexOf(LINE_FEED) + 1;
    if (lineEnd > 0) {
      this.#decode(encoded.subarray(0, lineEnd));
      await this.end();
      this.#lineLength = 0;
    }
    const rest = encoded.subarray(lineEnd);
    this.#lineLength += rest.length;
    if (this.#lineLength > MAX_QUOTED_PRINTABLE_LINE_BYTES) {
      throw new Error(
        `a line of quoted-printable has more than ${MAX_QUOTED_PRINTABLE_LINE_BYTES} bytes`,
      );
    }
    if (rest.length > 0) this.#decode(rest);
  }
}

class TextPart extends Part {
  readonly isHtml = this.node.contentType === "text/html";
  readonly #converter: Transform | undefined;
  /** The text in each charset in which it can be read, the likeliest first. */
  #readings: readonly { readonly decoder: TextDecoder; readonly pieces: string[] }[];
  readonly #lineEnds = new LineEndConverter("\n");

  constructor(node: mailsplit.MimeNode) {
    super(node);
    const { converter, decoders } = charsetReader(node.charset);
    this.#converter = converter?.on("data", (bytes: Buffer) => this.#add(bytes));
    this.#readings = decoders.map((decoder) => ({ decoder, pieces: [] }));
  }

  override take(bytes: Uint8Array): void {
    if (this.#converter === undefined) this.#add(bytes);
    else this.#converter.write(bytes);
  }

  override async end(): Promise<void> {
    await super.end();
    if (this.#converter === undefined) return;
    this.#converter.end();
    await finished(this.#converter);
  }

  text(): string {
    this.#read(this.#lineEnds.end(), false);
    const whole = this.#readings[0]?.pieces.join("") ?? "";
    const text = whole.endsWith("\n") ? whole.slice(0, -1) : whole;
    return this.node.flowed && text.length <= MAX_FLOWED_LENGTH
      ? joinFlowedLines(text, this.node.delSp)
      : text;
  }

  #add(bytes: Uint8Array): void {
    this.#read(this.#lineEnds.convert(bytes), true);
  }

  #read(bytes: Uint8Array, stream: boolean): void {
    this.#readings = this.#readings.filter(({ decoder, pieces }) => {
      try {
        pieces.push(decoder.decode(bytes, { stream }));
        return true;
      } catch {
        return false;
      }
    });
  }
}

class AttachmentPart extends Part {
  readonly #hash = createHash("sha256");
  #sizeBytes = 0;

  override take(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  summary(): MailAttachment {
    return {
      name: this.node.filename || null,
      type: this.node.contentType || "application/octet-stream",
      sizeBytes: this.#sizeBytes,
      sha256: this.#hash.digest("hex"),
    };
  }
}

/**
 * Decodes whole groups of four characters of base64; `undefined` if there is anything else between them but white space. The
 * decoder of mailsplit skips that, and takes five times as long.
 */
function decodeGroups(text: string) {
  const bytes = new Uint8Array(text.length);
  try {
    const { read, written } = bytes.setFromBase64(text, {
      lastChunkHandling: "stop-before-partial",
    });
    return { bytes: bytes.subarray(0, written), rest: text.slice(read).replace(/\s+/g, "") };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The decoders of a charset, in the order in which to try them, and a converter to UTF-8 before them if they need one. */
function charsetReader(
  charset: string | false,
): { readonly converter?: Transform; readonly decoders: readonly TextDecoder[] } {
  // ASCII is the default, and often not true.
  if (charset !== false && !/ascii/i.test(charset)) {
    const decoder = textDecoder(charset);
    // In UTF-16 the bytes of line ends are parts of other characters too.
    const isDirect = decoder !== undefined && !decoder.encoding.startsWith("utf-16");
    if (isDirect) return { decoders: [decoder] };
    const converter = libmime.createDecodeStream(charset);
    if (converter.supported) return { converter, decoders: [new TextDecoder()] };
  }
  return { decoders: [new TextDecoder("utf-8", { fatal: true }), new TextDecoder("windows-1252")] };
}

function textDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(libmime.normalizeCharset(charset));
  } catch {
    return undefined;
  }
}
