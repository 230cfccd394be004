import { styleText } from "node:util";

/** The colours of the parts, so that one finds its lines. */
const COLOURS = ["cyan", "green", "magenta", "yellow", "blue"] as const;

/** Makes a function that writes lines under a coloured name, all names of one width. */
export function prefixedOutput(names: readonly string[]): (name: string) => (line: string) => void {
  const width = Math.max(...names.map((name) => name.length));
  return (name) => {
    const colour = COLOURS[names.indexOf(name) % COLOURS.length] ?? "cyan";
    const prefix = styleText(colour, `${name.padEnd(width)} │`);
    return (line) => console.log(`${prefix} ${line}`);
  };
}

/** Draws rows of text as a table. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(columns[column] ?? 0)).join("  ").trimEnd()}`
  ).join("\n");
}
