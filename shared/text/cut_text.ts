/**
 * The longest text, in UTF-16 code units, that another party can put into a header, a tag, a log or a document of ours: a reply
 * of a mail server, a header of a foreign message.
 */
export const MAX_FOREIGN_TEXT_LENGTH = 1024;

/** Takes the place of what was cut off. */
const ELLIPSIS = "…";

/** Cuts a text of another party to a length, never within a character. */
export function cutText(text: string, maxLength: number = MAX_FOREIGN_TEXT_LENGTH): string {
  if (text.length <= maxLength) return text;
  const end = maxLength - ELLIPSIS.length;
  // The first half of a surrogate pair is no character without the second.
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return text.slice(0, splitsPair ? end - 1 : end) + ELLIPSIS;
}
