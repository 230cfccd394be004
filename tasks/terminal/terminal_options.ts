/** What a picture is drawn on: how wide and how colourful. */
export interface TerminalOptions {
  /** The width. */
  readonly columns: number;
  /** Whether to use ANSI colours. */
  readonly colour: boolean;
}

/** Where a task writes. */
export interface Output {
  /** Tells whether it is a terminal. */
  readonly isTerminal: () => boolean;
  /** The size of the terminal, where it is one. */
  readonly size: () => { readonly columns: number };
  /** Whether the user wants no colours (https://no-color.org). */
  readonly noColor: boolean;
}

const STANDARD_OUTPUT: Output = {
  isTerminal: () => Deno.stdout.isTerminal(),
  size: () => Deno.consoleSize(),
  noColor: Deno.noColor,
};

/** The width for a file or a pipe, and of a terminal that does not tell it. */
const USUAL_COLUMNS = 80;

/** What a picture is drawn on. */
export function terminalOptions(
  { isTerminal, size, noColor }: Output = STANDARD_OUTPUT,
): TerminalOptions {
  if (!isTerminal()) return { columns: USUAL_COLUMNS, colour: false };
  const { columns } = size();
  return { columns: columns === 0 ? USUAL_COLUMNS : columns, colour: !noColor };
}
