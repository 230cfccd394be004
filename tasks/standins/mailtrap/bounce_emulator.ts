import type { NegativeReply } from "./replies.ts";

const BOUNCE_ADDRESS = /^bounce\+(?<code>[45]\d\d)(?:\+(?<text>[^@]*))?@/i;

/**
 * The reply that a recipient's address asks for: `bounce+451+server+unavailable@any.domain` is answered with
 * `451 server unavailable`. The text is URL-encoded (https://docs.mailtrap.io/email-sandbox/testing/bounce-rate).
 */
export function emulatedBounce(recipient: string): NegativeReply | undefined {
  const groups = BOUNCE_ADDRESS.exec(recipient)?.groups;
  if (groups === undefined) return undefined;
  return { code: Number(groups.code), text: decodeText(groups.text ?? "") };
}

function decodeText(encoded: string): string {
  const text = encoded.replaceAll("+", " ");
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing stands for itself.
    return text;
  }
}
