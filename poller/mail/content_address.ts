import { createHash } from "node:crypto";
import { pieces } from "./pace.ts";
import { type MailHeader, mailHeaderReader, type SplitMail } from "./split_mail.ts";

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

const encoder = new TextEncoder();

const IDENTIFYING_HEADERS = ["from", "to", "subject"] as const;

/**
 * The `_id` of a mail in the archive: the SHA-256 of what its sender wrote, so that the same mail delivered twice is one document
 * and two mails that claim one Message-ID are two.
 *
 * Changes by a mail server (`Received`, trace headers, the end of the last line) do not count. The Date counts only without a
 * Message-ID. Each part is preceded by its length, so that parts cannot run into each other.
 */
export async function contentAddress(
  { headers, body }: Pick<SplitMail, "headers" | "body">,
): Promise<string> {
  const read = mailHeaderReader(headers);
  const id = messageId(headers);
  const values = [id, ...IDENTIFYING_HEADERS.map(read), ...(id === null ? [read("date")] : [])];
  // Not Web Crypto: it takes its input in one piece, which copied each mail twice and took a tenth of the poller's processor
  // time.
  const hash = createHash("sha256");
  for (const value of values) {
    const bytes = encoder.encode(value ?? "");
    hash.update(`${bytes.length}:`).update(bytes);
  }
  const content = withoutLastLineEnds(body);
  let addedLength = 0;
  for await (const { start, end } of pieces(content.length)) {
    addedLength += countBareLineFeeds(content, start, end);
  }
  hash.update(`${content.length + addedLength}:`);
  for await (const { start, end } of pieces(content.length)) {
    hash.update(addedLength === 0 ? content.subarray(start, end) : withCrlf(content, start, end));
  }
  return hash.digest("hex");
}

/** The Message-ID, unless it is empty. */
export function messageId(headers: readonly MailHeader[]): string | null {
  const isId = ({ name, value }: MailHeader) =>
    name.toLowerCase() === "message-id" && !EMPTY_ID.test(value);
  return headers.find(isId)?.value ?? null;
}

const EMPTY_ID = /^<?[ \t]*>?$/;

function withoutLastLineEnds(body: Uint8Array): Uint8Array {
  let end = body.length;
  while (end > 0 && (body[end - 1] === LINE_FEED || body[end - 1] === CARRIAGE_RETURN)) end--;
  return body.subarray(0, end);
}

function countBareLineFeeds(body: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let index = body.indexOf(LINE_FEED, start); index >= 0 && index < end;) {
    if (body[index - 1] !== CARRIAGE_RETURN) count++;
    index = body.indexOf(LINE_FEED, index + 1);
  }
  return count;
}

/** A piece of the body with its line ends as CRLF. */
function withCrlf(body: Uint8Array, start: number, end: number): Uint8Array {
  const canonical = new Uint8Array(2 * (end - start));
  let length = 0;
  for (let index = start; index < end; index++) {
    const byte = body[index] ?? 0;
    if (byte === LINE_FEED && body[index - 1] !== CARRIAGE_RETURN) {
      canonical[length++] = CARRIAGE_RETURN;
    }
    canonical[length++] = byte;
  }
  return canonical.subarray(0, length);
}
