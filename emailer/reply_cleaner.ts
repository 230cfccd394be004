import { cutText } from "@playground/shared/text";
import type { Mail } from "./mail.ts";

/** Takes credentials and mailboxes out of a mail server's reply, and cuts it. */
type CleanReply = (reply: string, envelope?: Mail["envelope"]) => string;

const ELLIPSIS = "…";
/** A shorter secret is part of many words, and is removed only as a whole word. */
const MIN_SECRET_LENGTH = 6;
/** Words that servers use anyway; a credential that equals one is not secret. */
const USUAL_WORD = /^(?:login|mail|password|test|user|username)$/i;
/**
 * What stands before the `@` of an address, quoted or not. The look-behind keeps the time linear: without it, a long text without
 * an `@` is searched from each character.
 */
const LOCAL_PART = /(?:"[^"]*"|(?<![^\s<>"(),:;@])[^\s<>"(),:;@]+)@/g;
/** A part this long reveals a Base64 text: a server may fold or cut the line that it repeats. */
const BASE64_PART_LENGTH = 8;

/**
 * Cleans replies. A mail server may echo its input: the AUTH line with its credentials (RFC 4616, or the two lines of AUTH
 * LOGIN), or the mailbox of RCPT without its domain.
 */
export function createReplyCleaner(
  { user, password }: { readonly user: string; readonly password: string },
): CleanReply {
  const encoded = [`\0${user}\0${password}`, user, password].flatMap(base64Parts);
  const plain = [password, user].filter((text) => text !== "" && !USUAL_WORD.test(text))
    .map((text) => text.length < MIN_SECRET_LENGTH ? wordPattern(text) : RegExp.escape(text));
  const secrets = anyOf([...encoded, ...plain]);
  return (reply, envelope) => {
    const addresses = envelope === undefined ? [] : [envelope.from, ...envelope.to];
    const names = addresses.flatMap(namesOf).filter((name) => name !== "");
    const mailboxes = anyOf(names.map(wordPattern));
    const cleaned = reply.replace(secrets, ELLIPSIS).replace(LOCAL_PART, `${ELLIPSIS}@`)
      .replace(mailboxes, ELLIPSIS);
    return cutText(cleaned);
  };
}

/** The parts of an address that may name a person: the local part, without its quotes, without its tag; the longest first. */
function namesOf(address: string): readonly string[] {
  const at = address.lastIndexOf("@");
  const localPart = address.slice(0, at < 0 ? undefined : at);
  const unquoted = localPart.replace(/^"(.*)"$/, "$1").replaceAll(/\\(.)/g, "$1");
  const [untagged = ""] = unquoted.split("+", 1);
  return [localPart, unquoted, untagged];
}

/** Patterns that match a text in Base64, and any part of it that is long enough, up to the end of the word. */
function base64Parts(text: string): readonly string[] {
  const encoded = new TextEncoder().encode(text).toBase64({ omitPadding: true });
  if (encoded.length <= BASE64_PART_LENGTH) return encoded === "" ? [] : [wordPattern(encoded)];
  return Array.from(
    { length: encoded.length - BASE64_PART_LENGTH + 1 },
    (_, index) =>
      `${RegExp.escape(encoded.slice(index, index + BASE64_PART_LENGTH))}[A-Za-z0-9+/=]*`,
  );
}

/** Matches nothing without patterns. */
function anyOf(patterns: readonly string[]): RegExp {
  return new RegExp(["(?!)", ...patterns].join("|"), "giu");
}

/** The reply code at the start is never replaced. */
function wordPattern(word: string): string {
  return `(?<!^|[\\p{L}\\p{N}])${RegExp.escape(word)}(?![\\p{L}\\p{N}])`;
}
