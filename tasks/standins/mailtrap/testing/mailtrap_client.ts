import assert from "node:assert/strict";
import {
  createTransport,
  type SendMailOptions,
  type SMTPSentMessageInfo,
  type SMTPTransportOptions,
} from "nodemailer";
import type { Mailtrap } from "../mod.ts";
import { SmtpDialogue } from "./smtp_dialogue.ts";

export interface MessageDocument {
  /** Never used twice. */
  readonly id: number;
  readonly subject: string;
  readonly from_email: string;
  readonly to_email: string;
  readonly email_size: number;
  readonly html_body_size: number;
  readonly text_body_size: number;
}

export async function sendMail(
  mailtrap: Mailtrap,
  mail: SendMailOptions = {},
  options: SMTPTransportOptions = {},
): Promise<SMTPSentMessageInfo> {
  const transport = createTransport({
    ...mailtrap.smtp,
    requireTLS: true,
    auth: { user: mailtrap.user, pass: mailtrap.password },
    tls: { ca: mailtrap.caPem },
    ...options,
  });
  try {
    return await transport.sendMail({
      from: "sender@example.com",
      to: "recipient@mailtrap.io",
      text: "text",
      ...mail,
    });
  } finally {
    transport.close();
  }
}

export async function sendNumberedMails(mailtrap: Mailtrap, count: number): Promise<void> {
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  for (let index = 0; index < count; index++) {
    assert.match(await dialogue.sendMail(bytes(`Subject: ${index}\r\n\r\n`)), /^250 /);
  }
}

export function messagesPath({ boxId }: Mailtrap): string {
  return `/api/sandboxes/${boxId}/messages`;
}

export function request(
  mailtrap: Mailtrap,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(mailtrap.url + path, { ...init, headers: { "Api-Token": mailtrap.token } });
}

export async function listMessages(mailtrap: Mailtrap, query = ""): Promise<MessageDocument[]> {
  const response = await request(mailtrap, messagesPath(mailtrap) + query);
  assert.equal(response.status, 200);
  return await response.json();
}

export async function listAllMessages(mailtrap: Mailtrap): Promise<MessageDocument[]> {
  const messages: MessageDocument[] = [];
  let page = await listMessages(mailtrap);
  while (page.length > 0) {
    messages.push(...page);
    page = await listMessages(mailtrap, `?last_id=${messages.at(-1)?.id}`);
  }
  return messages;
}

/** The only message there is; throws when there are none or several. */
export async function onlyMessage(mailtrap: Mailtrap): Promise<MessageDocument> {
  const [message, ...others] = await listMessages(mailtrap);
  assert.ok(message !== undefined && others.length === 0, "expected exactly one message");
  return message;
}

export async function deleteMessage(mailtrap: Mailtrap, id: number): Promise<number> {
  const response = await request(mailtrap, `${messagesPath(mailtrap)}/${id}`, { method: "DELETE" });
  await response.body?.cancel();
  return response.status;
}

export async function rawMessage(
  mailtrap: Mailtrap,
  { id }: MessageDocument,
): Promise<Uint8Array> {
  const response = await request(mailtrap, `${messagesPath(mailtrap)}/${id}/body.eml`);
  return new Uint8Array(await response.arrayBuffer());
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
