import type { Arrival } from "./arrival.ts";
import { MAX_HEADER_BYTES } from "./split_mail.ts";

/** A field takes memory many times its size. */
const MAX_HEADER_FIELDS = 2_000;

/**
 * A header's name must be a token (RFC 9110 section 5.6.2): with all of printable ASCII, the JSON `{"error":"x"}` and the XML
 * `<a:b>` would begin with a header field as well.
 */
const HEADER_NAME = /^[!#$%&'*+\-.^`|~\w]+$/;

/**
 * Fields that only a mail has. RFC 5322 section 3.6 requires only `From` and `Date`, but a gateway's own answer may have a `Date`
 * and a `Status` too.
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
 * Says why bytes are not a mail; `undefined` for a mail. A mail begins with a header field, and one of its fields is a mail's
 * own: a page, a problem document and a line such as `Error: Service unavailable` lack that.
 */
export function whyNotMail({ raw, headers, isCut }: Arrival): string | undefined {
  if (raw.length === 0) return "it is empty";
  if (!HEADER_NAME.test(headers[0]?.name ?? "")) return "it does not begin with a header field";
  if (isCut) return `its header section has more than ${MAX_HEADER_BYTES} bytes`;
  if (headers.length > MAX_HEADER_FIELDS) {
    return `it has more than ${MAX_HEADER_FIELDS} header fields`;
  }
  return headers.some(({ name }) => MAIL_FIELDS.has(name.toLowerCase()))
    ? undefined
    : "none of its header fields is a mail's, such as From";
}
