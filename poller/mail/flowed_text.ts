const QUOTE_END = /(?!>)/;
const SIGNATURE = "-- ";

/**
 * Joins the lines of each paragraph of a text in format=flowed (RFC 3676 section 4): a line that ends in a blank continues in the
 * next one of the same quote depth, which may be empty. The line before a signature never does.
 *
 * Not by libmime, which lets a paragraph continue behind an empty line, and with a signature.
 *
 * @param deletesBlanks Whether the blank at the end of a line is only a mark (`DelSp=yes`).
 */
export function joinFlowedLines(text: string, deletesBlanks: boolean): string {
  const paragraphs: string[] = [];
  let parts: string[] = [];
  let isOpen = false;
  let openDepth = 0;
  for (const line of text.split("\n")) {
    const depth = line.search(QUOTE_END);
    const content = line.slice(line[depth] === " " ? depth + 1 : depth);
    const isSignature = content === SIGNATURE;
    if (isOpen && depth === openDepth && !isSignature) {
      if (deletesBlanks) parts.push(parts.pop()?.slice(0, -1) ?? "");
      parts.push(content);
    } else {
      paragraphs.push(parts.join(""));
      parts = [depth === 0 ? content : line];
    }
    isOpen = content.endsWith(" ") && !isSignature;
    openDepth = depth;
  }
  paragraphs.push(parts.join(""));
  return paragraphs.slice(1).join("\n");
}
