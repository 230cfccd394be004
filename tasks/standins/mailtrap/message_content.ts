import { Buffer } from "node:buffer";
import { readMail } from "@playground/poller/mail-content";
import { type SplitMail, splitMail } from "@playground/poller/split-mail";
import type { MessageSummary } from "./mailbox.ts";

export interface MessageContent extends Pick<SplitMail, "headers"> {
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly { readonly name: string | undefined; readonly type: string }[];
}

/** A mail is read to its end, however long that takes. */
const NEVER = new AbortController().signal;

/** Reads a mail as the mail poller does; `undefined` if it cannot be parsed, or is deleted meanwhile. */
export async function readContent(
  raw: ReadableStream<Uint8Array>,
): Promise<MessageContent | undefined> {
  const bytes = await new Response(raw).bytes().catch(() => undefined);
  if (bytes === undefined) return undefined;
  const mail = splitMail(bytes);
  const { text, html, attachments, parseError } = await readMail(mail, NEVER);
  if (parseError !== null) return undefined;
  return {
    headers: mail.headers,
    text: text ?? undefined,
    html: html ?? undefined,
    attachments: attachments.map(({ name, type }) => ({ name: name ?? undefined, type })),
  };
}

/** Stands in for headers that a mail has not. */
export interface Envelope {
  /** Empty for the null sender. */
  readonly mailFrom: string;
  readonly recipients: readonly string[];
}

/** Headers and bodies come first; of longer mails only so much is read, so that the cost does not grow with the mail. */
const READ_BYTES = 64 * 1024;

/** Reads what an inbox shows. */
export async function summarize(raw: Uint8Array, envelope: Envelope): Promise<MessageSummary> {
  const beginning = splitMail(raw.subarray(0, READ_BYTES));
  const { subject, from, to, text, html } = await readMail(beginning, NEVER);
  const mailboxes = to.filter(({ address }) => address !== "");
  const recipients = mailboxes.length > 0
    ? mailboxes.map(({ address }) => address)
    : envelope.recipients;
  return {
    subject: subject ?? "",
    fromEmail: from?.address || envelope.mailFrom,
    fromName: from?.name ?? "",
    toEmail: recipients.join(", "),
    toName: mailboxes.length === 1 ? mailboxes[0]?.name ?? "" : "",
    textBytes: Buffer.byteLength(text ?? ""),
    htmlBytes: Buffer.byteLength(html ?? ""),
  };
}
