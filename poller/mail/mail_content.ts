import libmime from "libmime";
import addressparser from "nodemailer/lib/addressparser";
import { messageId } from "./content_address.ts";
import { mailDate } from "./mail_date.ts";
import { type MailParts, readParts } from "./mail_parts.ts";
import { mailHeaderReader, MAX_HEADER_BYTES, type SplitMail } from "./split_mail.ts";

/** An address with its display name; missing parts are empty. */
interface MailAddress {
  readonly address: string;
  readonly name: string;
}

/** The decoded content of a mail. */
export interface MailContent extends MailParts {
  /** In angle brackets. */
  readonly messageId: string | null;
  /** The first author. */
  readonly from: MailAddress | null;
  readonly authors: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly subject: string | null;
  readonly date: Date | null;
  /** Why the body could not be read, if so; the headers always can. */
  readonly parseError: string | null;
}

/** Reads a mail. One whose body cannot be read before the signal aborts is not read further. */
export async function readMail(mail: SplitMail, signal: AbortSignal): Promise<MailContent> {
  const read = mailHeaderReader(mail.headers);
  const authors = addressesIn(mail, "from");
  const subject = read("subject");
  return {
    messageId: messageId(mail.headers),
    from: authors[0] ?? null,
    authors,
    to: addressesIn(mail, "to"),
    subject: subject === undefined ? null : decodeWords(subject),
    date: mailDate(read("date") ?? ""),
    ...await readBody(mail, signal),
  };
}

/**
 * Reads a list of addresses (RFC 5322 section 3.4), which may be spread over several headers (section 4.5.3). A group counts as
 * its members.
 */
function addressesIn({ headers }: SplitMail, lowerCaseName: string): readonly MailAddress[] {
  return headers.filter(({ name }) => name.toLowerCase() === lowerCaseName)
    .flatMap(({ value }) => addressparser(value, { flatten: true }))
    .map(({ address, name: words }) => {
      const name = decodeWords(words);
      // A name that repeats the address adds nothing.
      return { address, name: name === address ? "" : name };
    })
    .filter(({ address, name }) => address !== "" || name !== "");
}

/** Decodes the encoded words of a header (RFC 2047). U+FEFF at the beginning is the mark of UTF-8 (RFC 3629 section 6). */
function decodeWords(text: string): string {
  return libmime.decodeWords(text).replace(/^\ufeff/, "");
}

async function readBody(
  mail: SplitMail,
  signal: AbortSignal,
): Promise<MailParts & Pick<MailContent, "parseError">> {
  const unread = { text: null, html: null, attachments: [] };
  if (mail.isCut) {
    return { ...unread, parseError: `the headers have more than ${MAX_HEADER_BYTES} bytes` };
  }
  if (mail.headers.length === 0) return { ...unread, parseError: "the mail has no headers" };
  try {
    return { ...await readParts(mail, signal), parseError: null };
  } catch (error) {
    if (signal.aborted) return { ...unread, parseError: "the mail could not be read in time" };
    return { ...unread, parseError: error instanceof Error ? error.message : String(error) };
  }
}
