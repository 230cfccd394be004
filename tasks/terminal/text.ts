import stringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Makes text from elsewhere safe to print: a control character could move the cursor or recolour the terminal. */
export function toPrintable(text: string): string {
  return text.replaceAll(/[\s\p{Control}\p{Bidi_Control}]+/gu, " ").trim();
}

/** Counts the terminal columns of a text: 2 for an East Asian wide character or an emoji, 0 for a combining mark. */
export const columnsOf: (text: string) => number = stringWidth;

/** Fits a text into exactly this many columns: pads it on the right, or cuts it with `…`. */
export function fit(text: string, columns: number): string {
  const width = columnsOf(text);
  if (width <= columns) return text + " ".repeat(columns - width);
  let head = "";
  for (const { segment } of segmenter.segment(text)) {
    if (columnsOf(head + segment) > columns - 1) break;
    head += segment;
  }
  return `${head}…${" ".repeat(columns - 1 - columnsOf(head))}`;
}

/** Breaks a text into lines, at spaces if possible. */
export function wrap(text: string, columns: number): readonly string[] {
  return text === "" ? [] : wrapAnsi(text, columns, { hard: true }).split("\n");
}

/** Longer lines are hard to read. */
const MAX_TEXT_COLUMNS = 100;

/** The lines of a paragraph on a terminal of this width. */
export function paragraph(
  text: string,
  { columns }: { readonly columns: number },
): readonly string[] {
  return wrap(text, Math.min(columns, MAX_TEXT_COLUMNS));
}

/** The lines of a table: each column is as wide as the widest text in it. */
export function tableLines(rows: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => columnsOf(row[column] ?? "")));
  return rows.map((row) =>
    row.map((text, column) => fit(text, widthOf(column))).join("  ").trimEnd()
  );
}
