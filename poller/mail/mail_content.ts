import { messageId } from "./content_address.ts";
import { decodeWords } from "./header_tokens.ts";
import { type MailAddress, mailAddresses } from "./mail_addresses.ts";
import { mailDate } from "./mail_date.ts";
import { type MailParts, readParts } from "./mail_parts.ts";
import { mailHeaderReader, MAX_HEADER_BYTES, type SplitMail } from "./split_mail.ts";

/** What a mail says, decoded. */
export interface MailContent extends MailParts {
  /** In angle brackets. */
  readonly messageId: string | null;
  /** The first author. */
  readonly from: MailAddress | null;
  /** All of them. */
  readonly authors: readonly MailAddress[];
  /** The recipients that it names. */
  readonly to: readonly MailAddress[];
  /** What it is about. */
  readonly subject: string | null;
  /** When it was written. */
  readonly date: Date | null;
  /** Why the body could not be read, where it could not; the headers can always. */
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

/** A list may be spread over several headers (RFC 5322 section 4.5.3). */
function addressesIn({ headers }: SplitMail, lowerCaseName: string): readonly MailAddress[] {
  return headers.filter(({ name }) => name.toLowerCase() === lowerCaseName)
    .flatMap(({ value }) => mailAddresses(value));
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
