import assert from "node:assert/strict";
import {
  createTransport,
  type SendMailOptions,
  type SMTPSentMessageInfo,
  type SMTPTransportOptions,
} from "nodemailer";
import type { Mailtrap } from "../mod.ts";
import { SmtpDialogue } from "./smtp_dialogue.ts";

/** The members of a message that tests look into. */
export interface MessageDocument {
  /** Never used twice. */
  readonly id: number;
  /** Decoded. */
  readonly subject: string;
  /** Address of the author. */
  readonly from_email: string;
  /** Addresses of the recipients. */
  readonly to_email: string;
  /** In bytes. */
  readonly email_size: number;
  /** Of the decoded HTML, in bytes. */
  readonly html_body_size: number;
  /** Of the decoded text, in bytes. */
  readonly text_body_size: number;
}

/** The options with which nodemailer connects. */
export function connectionOptions(
  { smtp, user, password, caPem }: Mailtrap,
): SMTPTransportOptions {
  return { ...smtp, requireTLS: true, auth: { user, pass: password }, tls: { ca: caPem } };
}

/** Sends one mail on a connection of its own. */
export async function sendMail(
  mailtrap: Mailtrap,
  mail: SendMailOptions = {},
  options: SMTPTransportOptions = {},
): Promise<SMTPSentMessageInfo> {
  const transport = createTransport({ ...connectionOptions(mailtrap), ...options });
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

/** Sends mails with the subjects 0, 1, 2 … in this order. */
export async function sendNumberedMails(mailtrap: Mailtrap, count: number): Promise<void> {
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  for (let index = 0; index < count; index++) {
    assert.match(await dialogue.sendMail(bytes(`Subject: ${index}\r\n\r\n`)), /^250 /);
  }
}

/** Path of the list of messages in the API style `sandboxes`. */
export function messagesPath({ boxId }: Mailtrap): string {
  return `/api/sandboxes/${boxId}/messages`;
}

/** Asks the API, with the token. */
export function request(
  mailtrap: Mailtrap,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(mailtrap.apiUrl + path, { ...init, headers: { "Api-Token": mailtrap.token } });
}

/** One page of the list. */
export async function listMessages(mailtrap: Mailtrap, query = ""): Promise<MessageDocument[]> {
  const response = await request(mailtrap, messagesPath(mailtrap) + query);
  assert.equal(response.status, 200);
  return await response.json();
}

/** The whole list, walked with `last_id`. */
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

/** Deletes a message; returns the status of the response. */
export async function deleteMessage(mailtrap: Mailtrap, id: number): Promise<number> {
  const response = await request(mailtrap, `${messagesPath(mailtrap)}/${id}`, { method: "DELETE" });
  await response.body?.cancel();
  return response.status;
}

/** A message's bytes, from `body.eml`. */
export async function rawMessage(
  mailtrap: Mailtrap,
  { id }: MessageDocument,
): Promise<Uint8Array> {
  const response = await request(mailtrap, `${messagesPath(mailtrap)}/${id}/body.eml`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Text in UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
