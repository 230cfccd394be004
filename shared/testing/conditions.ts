/** How long {@linkcode waitFor} waits by default. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** How often the condition is checked: less and less often, since a check may be costly. */
const INTERVAL_MS = { first: 5, longest: 25, factor: 1.5 } as const;

/**
 * Waits until a condition holds, instead of sleeping.
 *
 * @throws {Error} If it does not hold in time.
 */
export async function waitFor(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number = DEFAULT_TIMEOUT_MS,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  let intervalMs: number = INTERVAL_MS.first;
  while (!await isTrue()) {
    if (performance.now() > giveUpAt) {
      throw new Error(`Cannot go on: ${what} did not come true within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
    intervalMs = Math.min(intervalMs * INTERVAL_MS.factor, INTERVAL_MS.longest);
  }
}
