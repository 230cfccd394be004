import { splitMail } from "./mail_headers.ts";

/** Mail servers take less (Exchange 256 KiB, sendmail 32 KiB). A field takes memory many times its size. */
const MAX_HEADER_SECTION_BYTES = 262_144;
const MAX_HEADER_FIELDS = 2_000;

/**
 * A name and a colon (RFC 5322 sections 2.2 and 4.5.8). The name's characters are those of a token (RFC 9110 section 5.6.2): with all
 * of printable ASCII, the JSON `{"error":"x"}` and the XML `<a:b>` begin with a header field as well.
 */
const HEADER_FIELD = /^[!#$%&'*+\-.^`|~\w]+[ \t]*:/;

/**
 * What a mail is known by. RFC 5322 section 3.6 demands `From` and `Date` only; but what a gateway writes about itself may have a
 * `Date` and a `Status` too.
 */
const MAIL_FIELDS: ReadonlySet<string> = new Set([
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "subject",
  "message-id",
  "received",
  "return-path",
]);

/**
 * Says why bytes are not a mail, and nothing of those that are one. A mail begins with a header field, and one of its fields is a
 * mail's own: a page, a problem document and a line such as `Error: Service unavailable` lack that.
 */
export function whyNotMail(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "it is empty";
  const beginning = bytes.subarray(0, MAX_HEADER_SECTION_BYTES);
  if (!HEADER_FIELD.test(new TextDecoder("latin1").decode(beginning.subarray(0, 1_000)))) {
    return "it does not begin with a header field";
  }
  const { headers, body } = splitMail(beginning);
  if (body.length === 0 && bytes.length > beginning.length) {
    return `its header section has more than ${MAX_HEADER_SECTION_BYTES} bytes`;
  }
  if (headers.length > MAX_HEADER_FIELDS) {
    return `it has more than ${MAX_HEADER_FIELDS} header fields`;
  }
  return headers.some(({ name }) => MAIL_FIELDS.has(name.toLowerCase()))
    ? undefined
    : "none of its header fields is a mail's, such as From";
}
