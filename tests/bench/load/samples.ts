import { Buffer } from "node:buffer";
import { composeMail } from "@playground/emailer/mail";
import { messageOptions } from "@playground/shared/amqp";
import { type EmailDocument, messageIdOf } from "@playground/shared/email";
import type { Options } from "amqplib";

const BODY_BYTES = 1024;
const DOMAIN = "playground.invalid";

export function emailSample(subject: string = "Something catchy"): EmailDocument {
  return {
    sender: { address: "me@example.com", display: "Me" },
    recipient: { address: "you@example.com" },
    subject,
    body: "The quick brown fox jumps over the lazy dog. ".repeat(30).slice(0, BODY_BYTES),
  };
}

export function messageSample(
  id: string,
  headers: Readonly<Record<string, string>>,
): Options.Publish {
  return messageOptions({
    emailId: id,
    acceptedAtSeconds: Math.floor(Date.now() / 1000),
    appId: "message-server/0.0.0",
    headers: { "x-attempt": 1, "x-mail-message-id": messageIdOf(id, DOMAIN), ...headers },
  });
}

export function mailSample(document: EmailDocument, id: string) {
  const { envelope, raw } = composeMail({
    document,
    emailId: id,
    messageId: messageIdOf(id, DOMAIN),
    date: new Date(),
  });
  return { envelope: { from: envelope.from, to: [...envelope.to] }, raw: Buffer.from(raw) };
}
