import { pause } from "../../tasks/load/pause.ts";
import type { ChaosSystem } from "./system.ts";

const LOOK_INTERVAL_MS = 100;

/**
 * Waits until every process can do its work.
 *
 * @param system The system.
 * @param timeoutMs How long to wait at most.
 * @param signal Ends the wait early.
 * @throws {Error} If it takes too long, or is ended early.
 */
export async function untilReady(
  system: ChaosSystem,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const notReady = await Promise.race([whoIsNotReady(system), system.gaveUp]);
    if (notReady.length === 0) return;
    signal.throwIfAborted();
    if (performance.now() > giveUpAt) {
      throw new Error(`Cannot begin: not ready within ${timeoutMs} ms: ${notReady.join(", ")}`);
    }
    await pause(LOOK_INTERVAL_MS, signal);
  }
}

/**
 * Looks which processes cannot do their work.
 *
 * @param system The system.
 * @returns Their names.
 */
export async function whoIsNotReady(
  { processes }: ChaosSystem,
): Promise<readonly string[]> {
  const names = await Promise.all(
    processes.map(async ({ name, isReady }) => await isReady() ? [] : [name]),
  );
  return names.flat();
}
