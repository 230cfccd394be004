import type { EmailDocument } from "@playground/shared/email";

/** The size of the body of the emails that are sent, in bytes. */
export const BODY_BYTES = 1024;

/** The email that the bench sends. */
export function emailSample(subject: string = "Something catchy"): EmailDocument {
  return {
    sender: { address: "me@example.com", display: "Me" },
    recipient: { address: "you@example.com" },
    subject,
    body: "The quick brown fox jumps over the lazy dog. ".repeat(30).slice(0, BODY_BYTES),
  };
}
