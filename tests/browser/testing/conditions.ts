const INTERVAL_MS = 20;

export async function waitFor(
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!await isTrue()) {
    if (performance.now() > giveUpAt) {
      throw new Error(`Cannot go on: ${isTrue} did not come true within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
