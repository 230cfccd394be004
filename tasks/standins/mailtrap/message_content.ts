import { readMail } from "@playground/poller/mail-content";
import { type SplitMail, splitMail } from "@playground/poller/split-mail";

export interface MessageContent extends Pick<SplitMail, "headers"> {
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly { readonly name: string | undefined; readonly type: string }[];
}

/** Nobody waits for longer than a mail takes. */
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
