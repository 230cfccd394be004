/**
 * Waits, with time limits.
 *
 * ```ts
 * import { sleep, TimeLimit, waitAtMost } from "@playground/shared/time";
 *
 * using timeLimit = new TimeLimit(100);
 * console.log(await waitAtMost(50, sleep(1, timeLimit.signal))); // true
 * ```
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";

export { Deadlines } from "./deadlines.ts";
export { TimeLimit, waitAtMost } from "./time_limit.ts";

/** Waits some milliseconds. An abort ends the wait early, without an exception. */
export async function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(durationMs, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** The type of {@linkcode sleep}, for code with another clock in tests. */
export type Sleep = typeof sleep;
