/**
 * Cuts texts of other parties down, so that they cannot fill a header, a tag, a log or a document of ours.
 *
 * ```ts
 * import { cutText } from "@playground/shared/text";
 *
 * console.log(cutText("550 no such user", 10)); // "550 no su…"
 * ```
 *
 * @module
 */

/** The longest text of another party that we keep, in UTF-16 code units: a mail server's reply, a header of a message. */
export const MAX_FOREIGN_TEXT_LENGTH = 1024;

const ELLIPSIS = "…";

/** Cuts a text to a length, never within a character; the `…` that then ends it counts. */
export function cutText(text: string, maxLength: number = MAX_FOREIGN_TEXT_LENGTH): string {
  if (text.length <= maxLength) return text;
  const end = maxLength - ELLIPSIS.length;
  // The first half of a surrogate pair is no character without the second.
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return text.slice(0, splitsPair ? end - 1 : end) + ELLIPSIS;
}
