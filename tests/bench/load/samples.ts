import { type EmailDocument, messageIdOf } from "@playground/shared/email";

const BODY_BYTES = 1024;

export function emailSample(subject: string = "Something catchy"): EmailDocument {
  return {
    sender: { address: "me@example.com", display: "Me" },
    recipient: { address: "you@example.com" },
    subject,
    body: "The quick brown fox jumps over the lazy dog. ".repeat(30).slice(0, BODY_BYTES),
  };
}

export function messageIdSample(emailId: string): string {
  return messageIdOf(emailId, "playground.invalid");
}
