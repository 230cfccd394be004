import { Buffer } from "node:buffer";
import type { MailContent } from "@playground/poller/mail-content";
import type { SplitMail } from "@playground/poller/split-mail";
import type { IncomingMail, MessageSummary } from "./mailbox.ts";

/** Encoded words of its headers are decoded. */
export type MessageContent =
  & Pick<SplitMail, "headers">
  & Pick<MailContent, "text" | "html" | "attachments">;

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
    text,
    html,
    attachments,
  };
}

/** Headers and bodies come first; only this much of a longer mail is read, so that the cost does not grow with the mail. */
const READ_BYTES = 64 * 1024;

/** Reads a mail's entry in the inbox. The envelope replaces missing headers. */
export async function summarize(mail: Omit<IncomingMail, "clientIp">): Promise<MessageSummary> {
  const { splitMail, readMail } = await loadParser();
  const beginning = splitMail(mail.raw.subarray(0, READ_BYTES));
  const { subject, from, to, text, html } = await readMail(beginning, NEVER);
  const mailboxes = to.filter(({ address }) => address !== "");
  const recipients = mailboxes.length > 0
    ? mailboxes.map(({ address }) => address)
    : mail.recipients;
  return {
    subject: subject ?? "",
    fromEmail: from?.address || mail.mailFrom,
    fromName: from?.name ?? "",
    toEmail: recipients.join(", "),
    toName: mailboxes.length === 1 ? mailboxes[0]?.name ?? "" : "",
    textBytes: Buffer.byteLength(text ?? ""),
    htmlBytes: Buffer.byteLength(html ?? ""),
  };
}
