import { sleep } from "@playground/shared/time";
import type { RestartedProcess } from "./restarted_process.ts";

/** Several nodes of a broker that start at once, on two cores, take their time. */
const TIMEOUT_MS = 120_000;
const LOOK_INTERVAL_MS = 100;

/**
 * Waits until every process can do its work.
 *
 * @throws {Error} If it takes too long, or is ended early, or one of them cannot be kept running.
 */
export async function untilReady(
  processes: readonly RestartedProcess[],
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = performance.now() + TIMEOUT_MS;
  const gaveUp = processes.map((process) => process.gaveUp);
  for (;;) {
    const notReady = await Promise.race([whoIsNotReady(processes), ...gaveUp]);
    if (notReady.length === 0) return;
    signal.throwIfAborted();
    if (performance.now() > giveUpAt) {
      throw new Error(`Cannot begin: not ready within ${TIMEOUT_MS} ms: ${notReady.join(", ")}`);
    }
    await sleep(LOOK_INTERVAL_MS, signal);
  }
}

export async function whoIsNotReady(
  processes: readonly RestartedProcess[],
): Promise<readonly string[]> {
  const names = await Promise.all(
    processes.map(async ({ name, isReady }) => await isReady() ? [] : [name]),
  );
  return names.flat();
}
