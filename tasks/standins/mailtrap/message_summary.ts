import { getLogger } from "@logtape/logtape";
import PostalMime, { type Address, type Email } from "postal-mime";
import type { MessageSummary } from "./message.ts";

/** What MAIL FROM and RCPT TO said; stands in for headers that a mail has not. */
export interface Envelope {
  /** The address of MAIL FROM; empty for the null sender. */
  readonly mailFrom: string;
  /** The addresses of RCPT TO that were accepted. */
  readonly recipients: readonly string[];
}

/** Beyond this the rest of a header section is not looked at. */
const MAX_HEADER_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads what an inbox shows of a mail. Only the header section is parsed, so that the cost does not grow with the mail.
 */
export async function summarize(raw: Uint8Array, envelope: Envelope): Promise<MessageSummary> {
  const email = await parseHeaders(headerSection(raw));
  const from = mailboxes(email?.from === undefined ? [] : [email.from])[0];
  const to = mailboxes(email?.to ?? []);
  const recipients = to.length > 0 ? to.map(({ address }) => address) : envelope.recipients;
  const onlyRecipient = to.length === 1 ? to[0] : undefined;
  return {
    subject: email?.subject ?? "",
    fromEmail: from?.address ?? envelope.mailFrom,
    fromName: from?.name ?? "",
    toEmail: recipients.join(", "),
    toName: onlyRecipient?.name ?? "",
  };
}

async function parseHeaders(section: Uint8Array): Promise<Email | undefined> {
  try {
    return await PostalMime.parse(section);
  } catch (error) {
    getLogger(["standins", "mailtrap"]).debug("Cannot parse the header of a mail: {error}", {
      error,
    });
    return undefined;
  }
}

/** The lines before the first empty one. */
function headerSection(raw: Uint8Array): Uint8Array {
  const head = raw.subarray(0, MAX_HEADER_BYTES);
  for (let end = head.indexOf(LINE_FEED); end !== -1; end = head.indexOf(LINE_FEED, end + 1)) {
    const next = head[end + 1] === CARRIAGE_RETURN ? end + 2 : end + 1;
    if (head[next] === LINE_FEED) return head.subarray(0, end + 1);
  }
  return head;
}

/** The members of groups in their place, without entries that have no address. */
function mailboxes(addresses: readonly Address[]): { name: string; address: string }[] {
  return addresses
    .flatMap((entry) => entry.group === undefined ? [entry] : entry.group)
    .filter(({ address }) => address !== "");
}
