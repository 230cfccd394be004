import { Buffer } from "node:buffer";
import type { SplitMail } from "@playground/poller/split-mail";
import type { MessageSummary } from "./mailbox.ts";

/** Encoded words of its headers are decoded. */
export interface MessageContent extends Pick<SplitMail, "headers"> {
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly { readonly name: string | undefined; readonly type: string }[];
}

/** A mail is read to its end, however long that takes. */
const NEVER = new AbortController().signal;

/** Loaded with the first mail: its tables of character sets would delay the start of the whole system. */
async function loadParser() {
  const [{ splitMail }, { readMail }, { default: libmime }] = await Promise.all([
    import("@playground/poller/split-mail"),
    import("@playground/poller/mail-content"),
    import("libmime"),
  ]);
  return { splitMail, readMail, libmime };
}

/** Reads a mail as the mail poller does; `undefined` if it cannot be parsed, or is deleted meanwhile. */
export async function readContent(
  raw: ReadableStream<Uint8Array>,
): Promise<MessageContent | undefined> {
  const bytes = await new Response(raw).bytes().catch(() => undefined);
  if (bytes === undefined) return undefined;
  const { splitMail, readMail, libmime } = await loadParser();
  const mail = splitMail(bytes);
  const { text, html, attachments, parseError } = await readMail(mail, NEVER);
  if (parseError !== null) return undefined;
  return {
    headers: mail.headers.map(({ name, value }) => ({ name, value: libmime.decodeWords(value) })),
    text: text ?? undefined,
    html: html ?? undefined,
    attachments: attachments.map(({ name, type }) => ({ name: name ?? undefined, type })),
  };
}

/** Replaces missing headers of a mail. */
export interface Envelope {
  /** Empty for the null sender. */
  readonly mailFrom: string;
  readonly recipients: readonly string[];
}

/** Headers and bodies come first; only this much of a longer mail is read, so that the cost does not grow with the mail. */
const READ_BYTES = 64 * 1024;

/** Reads a mail's entry in the inbox. */
export async function summarize(raw: Uint8Array, envelope: Envelope): Promise<MessageSummary> {
  const { splitMail, readMail } = await loadParser();
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
