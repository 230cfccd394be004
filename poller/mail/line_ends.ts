/** Line ends other than `\n`; the first is one that was converted twice. */
const OTHERS = ["\r\r\n", "\r\n", "\r"] as const;

/** Gives a text line ends of one kind. */
export function withLineFeeds(text: string): string {
  // Neither `replaceAll()` nor a regular expression is as quick, or takes as little memory, where a line end follows the other.
  return OTHERS.reduce((lines, lineEnd) => lines.split(lineEnd).join("\n"), text);
}

/** Whether a cut there would make two line ends of one. */
export function isWithinLineEnd(text: Uint8Array | string, position: number): boolean {
  const is = (offset: number, character: "\r" | "\n") => {
    const found = text[position + offset];
    return found === character || found === character.charCodeAt(0);
  };
  return is(-1, "\r") && (is(0, "\n") || (is(0, "\r") && is(1, "\n")));
}
