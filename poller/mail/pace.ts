import { setImmediate } from "node:timers/promises";

/** How much of a mail is worked on at once: a few milliseconds of work. */
const PIECE_LENGTH = 256 * 1024;

/** A piece of something longer. */
export interface Piece {
  /** Where it begins. */
  readonly start: number;
  /** Where it ends; what is there belongs to the next piece. */
  readonly end: number;
}

/**
 * Cuts long work into pieces, and lets everything else have its turn between them: however large a mail, it holds up nothing.
 *
 * @param length How long the whole is.
 * @param mayCutAt Whether a piece may end there.
 */
export async function* pieces(
  length: number,
  mayCutAt: (position: number) => boolean = () => true,
): AsyncGenerator<Piece, void> {
  for (let start = 0; start < length;) {
    if (start > 0) await setImmediate();
    let end = Math.min(start + PIECE_LENGTH, length);
    while (end < length && !mayCutAt(end)) end++;
    yield { start, end };
    start = end;
  }
}
