/**
 * What stands before the `@` of an address, quoted or not. The look-behind keeps the time linear: without it, a long text
 * without an `@` would be searched from each of its characters.
 */
const LOCAL_PART = /(?:"[^"]*"|(?<![^\s<>"(),:;@])[^\s<>"(),:;@]+)@/g;

/** A text of another party, such as a mail server's reply, with `…` for the part of each address that names a person. */
export function withoutLocalParts(text: string): string {
  return text.replace(LOCAL_PART, "…@");
}
