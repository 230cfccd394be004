/** How wide and how colourful to draw. */
export interface TerminalOptions {
  readonly columns: number;
  readonly colour: boolean;
}

/** For a file or a pipe, and a terminal that does not tell its width. */
const USUAL_COLUMNS = 80;

/** How to draw on standard output. */
export function terminalOptions(
  { isTerminal, size, noColor } = {
    isTerminal: (): boolean => Deno.stdout.isTerminal(),
    size: (): { readonly columns: number } => Deno.consoleSize(),
    noColor: Deno.noColor,
  },
): TerminalOptions {
  if (!isTerminal()) return { columns: USUAL_COLUMNS, colour: false };
  const { columns } = size();
  return { columns: columns === 0 ? USUAL_COLUMNS : columns, colour: !noColor };
}

/** A part of the terminal that is drawn over and over. */
export class LiveArea {
  readonly #write: (text: string) => void;
  #lineCount = 0;

  constructor(write: (text: string) => void = writeToStandardOutput) {
    this.#write = write;
  }

  draw(text: string): void {
    // Cursor up to the first line of the area, then clear to the end of the screen (ECMA-48 CUU and ED).
    const back = this.#lineCount === 0 ? "" : `\x1b[${this.#lineCount}A\x1b[J`;
    this.#write(`${back}${text}\n`);
    this.#lineCount = text.split("\n").length;
  }
}

function writeToStandardOutput(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
