/** Waits some milliseconds; an abort ends the wait early, without an exception. */
export type Pause = (durationMs: number, signal?: AbortSignal) => Promise<void>;

/** Waits by the clock of the machine; see {@linkcode Pause}. */
export async function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, durationMs);
  const end = () => resolve();
  signal?.addEventListener("abort", end, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
}
