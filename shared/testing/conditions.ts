/** How long {@linkcode waitFor} waits unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** How often the condition is looked at. */
const INTERVAL_MS = 10;

/**
 * Waits until a condition holds; what tests do instead of sleeping.
 *
 * @throws {Error} If it does not hold in time.
 */
export async function waitFor(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number = DEFAULT_TIMEOUT_MS,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!await isTrue()) {
    if (performance.now() > giveUpAt) {
      throw new Error(`Cannot go on: ${what} did not come true within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
