const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * Converts `\n`, `\r\n`, `\r\r\n` and `\r` in bytes to one kind of line end. The bytes may come in pieces.
 *
 * Not in text: replacing its line ends takes memory for each line.
 */
export class LineEndConverter {
  readonly #lineEnd: readonly number[];
  /** How many carriage returns a line feed may still follow. */
  #returnCount = 0;

  constructor(lineEnd: "\n" | "\r\n") {
    this.#lineEnd = lineEnd === "\n" ? [LINE_FEED] : [CARRIAGE_RETURN, LINE_FEED];
  }

  convert(piece: Uint8Array): Uint8Array {
    const converted = new Uint8Array((piece.length + this.#returnCount) * this.#lineEnd.length);
    let length = 0;
    const endLine = () => {
      for (const byte of this.#lineEnd) converted[length++] = byte;
    };
    for (const byte of piece) {
      if (byte === LINE_FEED) {
        endLine();
        this.#returnCount = 0;
      } else if (byte === CARRIAGE_RETURN) {
        if (this.#returnCount === 2) endLine();
        else this.#returnCount++;
      } else {
        for (; this.#returnCount > 0; this.#returnCount--) endLine();
        converted[length++] = byte;
      }
    }
    return converted.subarray(0, length);
  }

  /** What is left at the end. */
  end(): Uint8Array {
    return Uint8Array.from(Array.from({ length: this.#returnCount }, () => this.#lineEnd).flat());
  }
}
