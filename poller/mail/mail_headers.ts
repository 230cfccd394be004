import type { HeaderReader } from "@playground/shared/tracing";

/** One header of a mail. */
export interface MailHeader {
  /** Its name, as written. */
  readonly name: string;
  /** Its value, unfolded (RFC 5322 section 2.2.3), not decoded. */
  readonly value: string;
}

/** A mail split where its body begins. */
export interface SplitMail {
  /** The headers in their order; repeated ones are all there. */
  readonly headers: readonly MailHeader[];
  /** The body as it came. */
  readonly body: Uint8Array;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Splits a mail into headers and body. Unlike a MIME parser it never fails and changes nothing, so that the content address
 * of a mail depends on what was sent alone.
 */
export function splitMail(raw: Uint8Array): SplitMail {
  const { headEnd, bodyStart } = findBody(raw);
  // Headers are ASCII; one that is not is taken byte by byte, so that nothing is lost or merged.
  const head = new TextDecoder("latin1").decode(raw.subarray(0, headEnd));
  const lines = head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(":");
    return colon <= 0
      ? []
      : [{ name: trimBlanks(line.slice(0, colon)), value: trimBlanks(line.slice(colon + 1)) }];
  });
  return { headers, body: raw.subarray(bodyStart) };
}

/** Reads headers by name. */
export function mailHeaderReader(headers: readonly MailHeader[]): HeaderReader {
  return (lowerCaseName) => headers.find(({ name }) => name.toLowerCase() === lowerCaseName)?.value;
}

/** Blanks and tabs alone: other white space, such as U+00A0, may be half of a character here. */
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

/** The first empty line ends the headers. */
function findBody(raw: Uint8Array): { headEnd: number; bodyStart: number } {
  let lineStart = 0;
  while (lineStart < raw.length) {
    const lineEnd = raw.indexOf(LINE_FEED, lineStart);
    if (lineEnd < 0) break;
    const isEmpty = lineEnd === lineStart ||
      (lineEnd === lineStart + 1 && raw[lineStart] === CARRIAGE_RETURN);
    if (isEmpty) return { headEnd: lineStart, bodyStart: lineEnd + 1 };
    lineStart = lineEnd + 1;
  }
  return { headEnd: raw.length, bodyStart: raw.length };
}
