import PostalMime, { type Email } from "postal-mime";
import type { MailHeader, SplitMail } from "./mail_headers.ts";

const PLAIN_TEXT = /^text\/plain; *charset="?utf-8"?$/;
/**
 * A line's end, as PostalMime has it: all carriage returns before a line feed, or before the end. A run is looked at from its
 * beginning only, lest a long one take time in proportion to the square of its length.
 */
const LINE_END = /(?<!\r)\r+(?:\n|$)/g;
const NOT_ENCODED: readonly string[] = ["", "7bit", "8bit"];

/**
 * Parses a mail.
 *
 * A body that is its text as it stands, such as the emailer sends, is not handed to PostalMime: that makes a `Blob` of each line,
 * which took a fifth of the poller's processor time.
 *
 * @throws {Error} If it cannot be parsed.
 */
export async function parseMail(raw: Uint8Array, { headers, body }: SplitMail): Promise<Email> {
  if (body.length === 0 || !isPlainText(headers)) return await PostalMime.parse(raw);
  const email = await PostalMime.parse(raw.subarray(0, raw.length - body.length));
  return { ...email, text: new TextDecoder().decode(body).replace(LINE_END, "\n") };
}

function isPlainText(headers: readonly MailHeader[]): boolean {
  // A header that is there twice is no value of its own: PostalMime shall make of it what it can.
  const valueOf = (lowerCaseName: string) =>
    headers.filter(({ name }) => name.toLowerCase() === lowerCaseName)
      .map(({ value }) => value.toLowerCase()).join();
  return PLAIN_TEXT.test(valueOf("content-type")) &&
    NOT_ENCODED.includes(valueOf("content-transfer-encoding")) &&
    valueOf("content-disposition") === "";
}
