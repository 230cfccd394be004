import libmime from "libmime";

/** Decodes the encoded words of a header (RFC 2047). U+FEFF at the beginning is the mark of UTF-8 (RFC 3629 section 6). */
export function decodeWords(text: string): string {
  return libmime.decodeWords(text).replace(/^\ufeff/, "");
}
