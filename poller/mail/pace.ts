import { setImmediate } from "node:timers/promises";

/** How much of a mail is processed at once: a few milliseconds of work. */
const PIECE_LENGTH = 256 * 1024;

/** Cuts long work into pieces and yields to other work between them: mails may be large. */
export async function* pieces(
  length: number,
): AsyncGenerator<{ readonly start: number; readonly end: number }, void> {
  for (let start = 0; start < length; start += PIECE_LENGTH) {
    if (start > 0) await setImmediate();
    yield { start, end: Math.min(start + PIECE_LENGTH, length) };
  }
}
