import { columnsOf } from "./text.ts";

/** How wide and how colourful to draw. */
export interface TerminalOptions {
  readonly columns: number;
  readonly colour: boolean;
}

/** For a file, a pipe, and a terminal of unknown width. */
const USUAL_COLUMNS = 80;

/** Whether standard output is a terminal that draws: a dumb one, such as Emacs's shell, shows each sequence as text. */
export function isScreen(): boolean {
  return Deno.stdout.isTerminal() && Deno.env.get("TERM") !== "dumb";
}

/** How to draw on standard output. */
export function terminalOptions(
  size: Pick<TerminalOptions, "columns"> | undefined = isScreen() ? Deno.consoleSize() : undefined,
  noColor: boolean = Deno.noColor,
): TerminalOptions {
  return { columns: size?.columns || USUAL_COLUMNS, colour: size !== undefined && !noColor };
}

/** Makes the function that draws a part of the terminal, each time over what it drew before. The terminal wraps longer lines. */
export function liveArea(
  output: { readonly writeSync: (bytes: Uint8Array) => unknown } = Deno.stdout,
  columns: () => number = () => terminalOptions().columns,
): (text: string) => void {
  let lineCount = 0;
  return (text) => {
    // Cursor up to the first line of the area, then clear to the end of the screen (ECMA-48 CUU and ED).
    const back = lineCount === 0 ? "" : `\x1b[${lineCount}A\x1b[J`;
    output.writeSync(new TextEncoder().encode(`${back}${text}\n`));
    lineCount = text.split("\n")
      .reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns())), 0);
  };
}
