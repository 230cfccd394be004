import type { EmailDocument } from "@playground/shared/email";
import { encodeWord } from "nodemailer/lib/mime-funcs";

/** No line of a header should be longer (RFC 5322 section 2.1.1); none with an encoded word may be (RFC 2047 section 2). */
const MAX_LINE_LENGTH = 76;
/** The longest encoded word: it fits beside the longest header name here. */
const MAX_WORD_LENGTH = MAX_LINE_LENGTH - "X-B3-TraceId: ".length;
const BYTE_ORDER_MARK = "\ufeff";

/** Words of printable ASCII, with single spaces between them and none outside: folding and unfolding do not change them. */
const PLAIN_TEXT = /^[\x21-\x7e]{1,60}(?: [\x21-\x7e]{1,60})*$/;
/** The same made of atoms, which need no quotes beside an address (RFC 5322 section 3.2.3). */
const PLAIN_PHRASE = /^[\w!#$%&'*+\-/=?^`{|}~]{1,60}(?: [\w!#$%&'*+\-/=?^`{|}~]{1,60})*$/;

export function textHeader(name: string, text: string): string {
  return fold(name, wordsOf(text, PLAIN_TEXT));
}

/** Whatever the display name contains, it cannot become a further mailbox. */
export function mailboxHeader(name: string, party: EmailDocument["sender"]): string {
  const { address, display = "" } = party;
  return fold(
    name,
    display === "" ? [address] : [...wordsOf(display, PLAIN_PHRASE), `<${address}>`],
  );
}

/** Folds printable ASCII only between the entries of a list. */
export function listHeader(name: string, entries: readonly string[]): string {
  const last = entries.length - 1;
  return fold(name, entries.map((entry, index) => index < last ? `${entry},` : entry));
}

/**
 * Keeps U+FEFF at the beginning of a text: readers drop one there as the byte order mark of UTF-8 (RFC 3629 section 6), so
 * another is put before it.
 */
export function keepByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK + text : text;
}

/**
 * Text that is not plain is encoded as a whole: readers drop the space between two encoded words, but keep it beside a plain one.
 */
function wordsOf(text: string, plain: RegExp): readonly string[] {
  const isPlain = plain.test(text) && !text.includes("=?");
  return (isPlain ? text : encodeWord(keepByteOrderMark(text), "Q", MAX_WORD_LENGTH)).split(" ");
}

/** Breaks a line that is too long between words (RFC 5322 section 2.2.3). */
function fold(name: string, words: readonly string[]): string {
  let header = `${name}:`;
  let lineLength = header.length;
  for (const [index, word] of words.entries()) {
    // Never before the first word: a line of only white space is forbidden (RFC 5322 section 3.2.2).
    const breaks = index > 0 && lineLength + 1 + word.length > MAX_LINE_LENGTH;
    header += breaks ? `\r\n ${word}` : ` ${word}`;
    lineLength = (breaks ? 0 : lineLength) + 1 + word.length;
  }
  return `${header}\r\n`;
}
