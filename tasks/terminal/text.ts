const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Combining marks, joiners and other characters that take no column of their own. */
const ZERO_WIDTH = /^[\p{Mark}\p{Format}]+$/u;

/** Halfwidth kana belong to a wide script but are narrow. */
const HALF_WIDTH = /^[\uFF61-\uFFDC]/u;

/** East Asian wide and fullwidth characters (Unicode UAX #11), and emoji shown as pictures. */
const DOUBLE_WIDTH =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6\p{Emoji_Presentation}]|\uFE0F/u;

/** Makes text from elsewhere safe to print: a control character could move the cursor or recolour the terminal. */
export function toPrintable(text: string): string {
  return text.replaceAll(/[\s\p{Control}\p{Bidi_Control}]+/gu, " ").trim();
}

/** Counts terminal columns: 2 for an East Asian wide character or an emoji, 0 for a combining mark, 1 for the rest. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += columnsOfGrapheme(segment);
  return columns;
}

/** Fits a text into exactly these columns: pads it on the right, or cuts it and ends it with `…`. */
export function fit(text: string, columns: number): string {
  const width = columnsOf(text);
  if (width <= columns) return text + " ".repeat(columns - width);
  const { head } = splitAtColumn(text, columns - 1);
  return `${head}…`.padEnd(head.length + columns - columnsOf(head));
}

/**
 * Breaks a text into lines, at spaces where it has any.
 *
 * @throws {RangeError} When a line is narrower than 2 columns.
 */
export function wrap(text: string, columns: number): readonly string[] {
  if (columns < 2) throw new RangeError(`Cannot wrap text: ${columns} columns are too few`);
  const lines: string[] = [];
  for (let rest = text; rest !== "";) {
    const { head, tail } = splitAtColumn(rest, columns);
    const lastSpace = tail === "" || tail.startsWith(" ") ? head.length : head.lastIndexOf(" ");
    const line = lastSpace > 0 ? head.slice(0, lastSpace) : head;
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return lines;
}

function splitAtColumn(text: string, columns: number): { head: string; tail: string } {
  let width = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    width += columnsOfGrapheme(segment);
    if (width > columns) return { head: text.slice(0, index), tail: text.slice(index) };
  }
  return { head: text, tail: "" };
}

function columnsOfGrapheme(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0;
  return DOUBLE_WIDTH.test(grapheme) && !HALF_WIDTH.test(grapheme) ? 2 : 1;
}
