import type { EmailDocument } from "./document.ts";

/** The header in which a mail carries its email's id. */
export const EMAIL_ID_HEADER = "X-Email-Id";
/** The header in which a mail says when this attempt sent it, in microseconds since 1970. */
export const SENT_AT_HEADER = "X-Sent-At-Us";

/**
 * The Message-ID of an email (RFC 5322 section 3.6.4): the same at every attempt, so that a mail sent twice is seen to be one.
 */
export function messageIdOf(emailId: string, domain: string): string {
  return `<${emailId}@${domain}>`;
}

/** The id of an email that came with an `Idempotency-Key`: the same for the same key and document, however often it is sent. */
export async function idempotentEmailId(key: string, document: EmailDocument): Promise<string> {
  return await uuidOf(`${key}\0${canonicalJson(document)}`);
}

/** A UUID that depends on a text alone. */
export async function uuidOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = new Uint8Array(digest, 0, 16);
  const view = new DataView(digest);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x80);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const hex = bytes.toHex();
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** Members in one fixed order, absent ones left out: equal documents have equal text. */
function canonicalJson({ sender, recipient, subject, body }: EmailDocument): string {
  const party = ({ address, display }: EmailDocument["sender"]) => ({ address, display });
  return JSON.stringify({ sender: party(sender), recipient: party(recipient), subject, body });
}
