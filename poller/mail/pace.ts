import { setImmediate } from "node:timers/promises";

/** How much of a mail is worked on at once: a few milliseconds of work. */
const PIECE_LENGTH = 256 * 1024;

/** Cuts long work into pieces, and lets everything else have its turn between them: a mail may be as large as it likes. */
export async function* pieces(
  length: number,
): AsyncGenerator<{ readonly start: number; readonly end: number }, void> {
  for (let start = 0; start < length; start += PIECE_LENGTH) {
    if (start > 0) await setImmediate();
    yield { start, end: Math.min(start + PIECE_LENGTH, length) };
  }
}
