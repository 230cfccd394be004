/** How long {@linkcode waitFor} waits by default: other programs may use the machine as well. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** How often it looks: less and less often, since a look may be costly. */
const INTERVAL_MS = { first: 5, longest: 25, factor: 1.5 } as const;

/**
 * Waits until a condition holds, instead of sleeping; returns what it finds then.
 *
 * @param look What is to be found; `false` and `undefined` mean that it is not there yet.
 * @param tell What the error adds, such as the lines of a process.
 * @throws {Error} If it does not hold in time.
 */
export async function waitFor<Found extends object | string | true>(
  what: string,
  look: () => Found | false | undefined | Promise<Found | false | undefined>,
  timeoutMs: number = DEFAULT_TIMEOUT_MS,
  tell: () => string = () => "",
): Promise<Found> {
  const giveUpAt = performance.now() + timeoutMs;
  let intervalMs: number = INTERVAL_MS.first;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (performance.now() > giveUpAt) {
      const more = tell();
      throw new Error(
        `Cannot go on: ${what} did not come true within ${timeoutMs} ms${more && `\n${more}`}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
    intervalMs = Math.min(intervalMs * INTERVAL_MS.factor, INTERVAL_MS.longest);
  }
}
