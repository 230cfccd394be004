/**
 * Waiting.
 *
 * ```ts
 * import { sleep } from "@playground/shared/time";
 *
 * await sleep(1, AbortSignal.timeout(100));
 * ```
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";

/** Waits some milliseconds. An abort ends the wait early, without an exception. */
export async function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(durationMs, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** How {@linkcode sleep} waits, for code that is given another clock in tests. */
export type Sleep = typeof sleep;
