import { Buffer } from "node:buffer";
import mailsplit from "@zone-eu/mailsplit";
import libmime from "libmime";
import addressparser from "nodemailer/lib/addressparser";
import type { MessageSummary } from "./mailbox.ts";
import { headersOf, readContent } from "./message_content.ts";

/** Stands in for headers that a mail has not. */
export interface Envelope {
  /** Empty for the null sender. */
  readonly mailFrom: string;
  readonly recipients: readonly string[];
}

/** Headers and bodies come first; of longer mails only so much is read, so that the cost does not grow with the mail. */
const READ_BYTES = 64 * 1024;
const END_OF_HEADERS = /^\r?\n|\r?\n\r?\n/;

/** Reads what an inbox shows. */
export async function summarize(raw: Uint8Array, envelope: Envelope): Promise<MessageSummary> {
  const beginning = Buffer.from(raw.subarray(0, READ_BYTES));
  const { text = "", html = "" } = await readContent([beginning]) ?? {};
  const head = beginning.toString("latin1").split(END_OF_HEADERS, 1)[0];
  const headers = headersOf(new mailsplit.Headers(head));
  const valueOf = (wanted: string) =>
    headers.find(({ name }) => name.toLowerCase() === wanted)?.value ?? "";
  const from = mailboxesIn(valueOf("from"))[0];
  const to = mailboxesIn(valueOf("to"));
  const recipients = to.length > 0 ? to.map(({ address }) => address) : envelope.recipients;
  return {
    subject: libmime.decodeWords(valueOf("subject")),
    fromEmail: from?.address ?? envelope.mailFrom,
    fromName: libmime.decodeWords(from?.name ?? ""),
    toEmail: recipients.join(", "),
    toName: libmime.decodeWords(to.length === 1 ? to[0]?.name ?? "" : ""),
    textBytes: Buffer.byteLength(text),
    htmlBytes: Buffer.byteLength(html),
  };
}

/** The members of groups stand in their place. */
function mailboxesIn(value: string) {
  return addressparser(value, { flatten: true }).filter(({ address }) => address !== "");
}
