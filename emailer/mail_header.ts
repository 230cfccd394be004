import type { EmailDocument } from "@playground/shared/email";
import { encodeWord } from "nodemailer/lib/mime-funcs";

/** No line of a header should be longer (RFC 5322 section 2.1.1); none with an encoded word may be (RFC 2047 section 2). */
const MAX_LINE_LENGTH = 76;
/** Of an encoded word: it fits beside the longest name of a header here. */
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

/** Folds printable ASCII between the entries of a list only. */
export function listHeader(name: string, entries: readonly string[]): string {
  const last = entries.length - 1;
  return fold(name, entries.map((entry, index) => index < last ? `${entry},` : entry));
}

/**
 * Keeps the character U+FEFF at the beginning of a text: readers take it for the mark of UTF-8 there and drop it (RFC 3629
 * section 6), so that one is put before it to be dropped.
 */
export function keepByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK + text : text;
}

/** What is not plain is encoded as a whole: the space between two encoded words does not count, that beside a plain one does. */
function wordsOf(text: string, plain: RegExp): readonly string[] {
  const isPlain = plain.test(text) && !text.includes("=?");
  return (isPlain ? text : encodeWord(keepByteOrderMark(text), "Q", MAX_WORD_LENGTH)).split(" ");
}

/** Breaks the line between words, where it would become too long (RFC 5322 section 2.2.3). */
function fold(name: string, words: readonly string[]): string {
  let header = `${name}:`;
  let lineLength = header.length;
  for (const [index, word] of words.entries()) {
    // Never before the first word: a line of nothing but white space must not be (RFC 5322 section 3.2.2).
    const breaks = index > 0 && lineLength + 1 + word.length > MAX_LINE_LENGTH;
    header += breaks ? `\r\n ${word}` : ` ${word}`;
    lineLength = (breaks ? 0 : lineLength) + 1 + word.length;
  }
  return `${header}\r\n`;
}
