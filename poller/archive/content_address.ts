import { mailHeaderReader, type SplitMail } from "./mail_headers.ts";

const encoder = new TextEncoder();

/** The headers that tell one mail from another. */
const IDENTIFYING_HEADERS = ["message-id", "from", "to", "subject"] as const;

/**
 * The `_id` of a mail in the archive: the SHA-256 of what its sender wrote, so that the same mail delivered twice is one
 * document and two mails that claim one Message-ID are two.
 *
 * What a mail server adds or changes on the way (`Received`, trace headers, the end of the last line) does not count. The Date
 * counts only where there is no Message-ID. Each part is preceded by its length, so that parts cannot run into each other.
 *
 * @param mail The mail.
 * @returns 64 hexadecimal digits.
 */
export async function contentAddress({ headers, body }: SplitMail): Promise<string> {
  const read = mailHeaderReader(headers);
  const names = read("message-id") === undefined
    ? [...IDENTIFYING_HEADERS, "date"]
    : IDENTIFYING_HEADERS;
  const parts = [...names.map((name) => encoder.encode(read(name) ?? "")), canonicalBody(body)];
  const content = new Blob(parts.flatMap((part) => [encoder.encode(`${part.length}:`), part]));
  const digest = await crypto.subtle.digest("SHA-256", await content.arrayBuffer());
  return new Uint8Array(digest).toHex();
}

/** Line ends as CRLF, none at the end. */
function canonicalBody(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const canonical = new Uint8Array(2 * body.length);
  let length = 0;
  let end = body.length;
  while (end > 0 && (body[end - 1] === 0x0a || body[end - 1] === 0x0d)) end--;
  for (let index = 0; index < end; index++) {
    const byte = body[index] ?? 0;
    if (byte === 0x0d && body[index + 1] === 0x0a) continue;
    if (byte === 0x0a) canonical[length++] = 0x0d;
    canonical[length++] = byte;
  }
  return canonical.subarray(0, length);
}
