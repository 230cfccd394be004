import type { HeaderReader } from "@playground/shared/tracing";

/** A field of the headers. */
export interface MailHeader {
  /** Its name, as written. */
  readonly name: string;
  /** Its value, unfolded (RFC 5322 section 2.2.3); encoded words stay as they are. */
  readonly value: string;
}

/** A mail split where its body begins. */
export interface SplitMail {
  /** The headers in their order; repeated ones are all there. */
  readonly headers: readonly MailHeader[];
  /** What is behind the headers. */
  readonly body: Uint8Array;
  /** Whether a line of the headers ends otherwise than in `\r\n` or `\n`. */
  readonly hasOddLineEnds: boolean;
  /** Whether there are more headers than {@linkcode MAX_HEADER_BYTES}; the rest of them counts as body. */
  readonly isCut: boolean;
}

/** Mail servers let through fewer. What is read of headers is read at once, and a whole mail can consist of them. */
export const MAX_HEADER_BYTES = 256 * 1024;

/** RFC 5322 sections 2.2 and 4.5. */
const HEADER_LINE = /^(?<name>[!-9;-~]+)[ \t]*:(?<value>[^]*)$/;
/** What a Unix mailbox puts before a mail. */
const MAILBOX_LINE = /^>?From /;
const FOLD = /(?:\r{0,2}\n|\r)[ \t]+/g;

/** `\r\r\n` is a line end that was converted twice. A bare `\r` is one only before what can be nothing but another line. */
const LINE_END = /\r{0,2}\n|\r(?=\r|[!-9;-~]+[ \t]*:|$)/g;
/** Where the first line ends in a bare `\r`, so do the others. */
const BARE_LINE_END = /[\r\n]/g;
const FIRST_LINE_IS_BARE = /^[^\r\n]*\r(?=[ \t]|[!-9;-~]+[ \t]*:)/;
const EMPTY_LINE = /\r{0,2}\n|\r/y;

const ASCII = /^[\0-\x7f]*$/;

const latin1 = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Splits a mail into headers and body. It never fails and loses nothing: the body begins behind the first empty line, or else
 * with the first line that is no header, as mail servers have it.
 */
export function splitMail(raw: Uint8Array): SplitMail {
  // One character a byte, so that positions are the same.
  const head = latin1.decode(raw.subarray(0, MAX_HEADER_BYTES));
  const lineEnd = FIRST_LINE_IS_BARE.test(head) ? BARE_LINE_END : LINE_END;
  const fields: { readonly start: number; end: number }[] = [];
  let hasOddLineEnds = false;
  let isCut = false;
  let position = 0;
  while (position < head.length) {
    const start = position;
    const emptyLine = find(EMPTY_LINE, head, start);
    const { end, next } = emptyLine ?? find(lineEnd, head, start) ??
      { end: head.length, next: head.length };
    isCut = next === head.length && head.length < raw.length;
    if (isCut) break;
    const field = fields.at(-1);
    const line = head.slice(start, end);
    const continues = field !== undefined && isBlank(line[0]);
    const isHeader = HEADER_LINE.test(line);
    const isSkipped = start === 0 && MAILBOX_LINE.test(line);
    if (emptyLine === undefined && !continues && !isHeader && !isSkipped) break;
    hasOddLineEnds ||= !["\r\n", "\n", ""].includes(head.slice(end, next));
    position = next;
    if (emptyLine !== undefined) break;
    if (continues) field.end = end;
    else if (isHeader) fields.push({ start, end });
  }
  const headers = fields.map(({ start, end }) => {
    const text = head.slice(start, end);
    return headerOf(ASCII.test(text) ? text : decode(raw.subarray(start, end)));
  });
  return { headers, body: raw.subarray(position), hasOddLineEnds, isCut };
}

/** Reads headers by name; of a repeated one the first. */
export function mailHeaderReader(headers: readonly MailHeader[]): HeaderReader {
  return (lowerCaseName) => headers.find(({ name }) => name.toLowerCase() === lowerCaseName)?.value;
}

/** Finds a line end, and what is behind it. */
function find(
  pattern: RegExp,
  text: string,
  position: number,
): { readonly end: number; readonly next: number } | undefined {
  pattern.lastIndex = position;
  const match = pattern.exec(text);
  return match === null ? undefined : { end: match.index, next: pattern.lastIndex };
}

function headerOf(text: string): MailHeader {
  const { name = "", value = "" } = text.match(HEADER_LINE)?.groups ?? {};
  return { name, value: trimBlanks(value.replace(FOLD, " ")) };
}

/** Headers are UTF-8 (RFC 6532). What is not is taken byte by byte, so that nothing is lost or merged. */
function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

/** Blanks and tabs alone: other white space, such as U+00A0, is content. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
