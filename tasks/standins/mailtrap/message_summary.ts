import { Buffer } from "node:buffer";
import mailsplit from "@zone-eu/mailsplit";
import libmime from "libmime";
import addressparser from "nodemailer/lib/addressparser";
import type { MessageSummary } from "./mailbox.ts";
import { headersOf } from "./message_content.ts";

/** Stands in for headers that a mail has not. */
export interface Envelope {
  /** Empty for the null sender. */
  readonly mailFrom: string;
  readonly recipients: readonly string[];
}

const MAX_HEADER_BYTES = 64 * 1024;
const END_OF_HEADERS = /^\r?\n|\r?\n\r?\n/;

/** Reads what an inbox shows. Only the header section is parsed, so that the cost does not grow with the mail. */
export function summarize(raw: Uint8Array, envelope: Envelope): MessageSummary {
  const head = Buffer.from(raw.subarray(0, MAX_HEADER_BYTES)).toString("latin1");
  const headers = headersOf(new mailsplit.Headers(head.split(END_OF_HEADERS, 1)[0]));
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
  };
}

/** The members of groups stand in their place. */
function mailboxesIn(value: string) {
  return addressparser(value, { flatten: true }).filter(({ address }) => address !== "");
}
