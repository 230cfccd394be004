/** A part of the terminal that is drawn over and over. */
export class LiveArea {
  readonly #write: (text: string) => void;
  #lineCount = 0;

  constructor(write: (text: string) => void = writeToStandardOutput) {
    this.#write = write;
  }

  /** Replaces what the area shows. */
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
