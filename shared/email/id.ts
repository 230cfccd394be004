import type { EmailDocument } from "./document.ts";

/** An id of ours; a foreign publisher or mail may have another kind. */
export const EMAIL_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The header in which a mail carries its email's id. */
export const EMAIL_ID_HEADER = "X-Email-Id";
/** The header with the time at which this attempt sent the mail, in microseconds since 1970. */
export const SENT_AT_HEADER = "X-Sent-At-Us";

/**
 * The Message-ID of an email (RFC 5322 section 3.6.4), the same at every attempt: a mail that is sent twice is recognized as one.
 */
export function messageIdOf(emailId: string, domain: string): string {
  return `<${emailId}@${domain}>`;
}

/** The id of an email with an `Idempotency-Key`: always the same for the same key and document. */
export async function idempotentEmailId(key: string, document: EmailDocument): Promise<string> {
  return await uuidOf(`${key}\0${canonicalJson(document)}`);
}

/** A UUID of version 8 (RFC 9562 section 5.8), from the text's SHA-256. */
export async function uuidOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = new Uint8Array(digest, 0, 16);
  const view = new DataView(digest);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x80);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Members in one fixed order, absent ones left out: equal documents have equal text. */
function canonicalJson({ sender, recipient, subject, body }: EmailDocument): string {
  const party = ({ address, display }: EmailDocument["sender"]) => ({ address, display });
  return JSON.stringify({ sender: party(sender), recipient: party(recipient), subject, body });
}
