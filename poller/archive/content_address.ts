import { createHash } from "node:crypto";
import { mailHeaderReader, type SplitMail } from "../mail/mail_headers.ts";

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

const encoder = new TextEncoder();

/** The headers that tell one mail from another. */
const IDENTIFYING_HEADERS = ["message-id", "from", "to", "subject"] as const;

/**
 * The `_id` of a mail in the archive: the SHA-256 of what its sender wrote, so that the same mail delivered twice is one
 * document and two mails that claim one Message-ID are two.
 *
 * What a mail server adds or changes on the way (`Received`, trace headers, the end of the last line) does not count. The Date
 * counts only where there is no Message-ID. Each part is preceded by its length, so that parts cannot run into each other.
 */
export function contentAddress({ headers, body }: SplitMail): string {
  const read = mailHeaderReader(headers);
  const names = read("message-id") === undefined
    ? [...IDENTIFYING_HEADERS, "date"]
    : IDENTIFYING_HEADERS;
  // Web Crypto takes its input in one piece, which copied each mail twice and took a tenth of the poller's processor time.
  const hash = createHash("sha256");
  for (const part of [...names.map((name) => encoder.encode(read(name))), canonicalBody(body)]) {
    hash.update(`${part.length}:`).update(part);
  }
  return hash.digest("hex");
}

/** Line ends as CRLF, none at the end. Most mails have it so already, and are not copied. */
function canonicalBody(body: Uint8Array): Uint8Array {
  let end = body.length;
  while (end > 0 && isLineEnd(body[end - 1])) end--;
  const trimmed = body.subarray(0, end);
  return hasBareLineFeed(trimmed) ? withCrlf(trimmed) : trimmed;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function hasBareLineFeed(body: Uint8Array): boolean {
  let index = body.indexOf(LINE_FEED);
  while (index >= 0 && body[index - 1] === CARRIAGE_RETURN) {
    index = body.indexOf(LINE_FEED, index + 1);
  }
  return index >= 0;
}

function withCrlf(body: Uint8Array): Uint8Array {
  const canonical = new Uint8Array(2 * body.length);
  let length = 0;
  for (const [index, byte] of body.entries()) {
    if (byte === CARRIAGE_RETURN && body[index + 1] === LINE_FEED) continue;
    if (byte === LINE_FEED) canonical[length++] = CARRIAGE_RETURN;
    canonical[length++] = byte;
  }
  return canonical.subarray(0, length);
}
