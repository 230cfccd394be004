import { failureReason } from "@playground/shared/http";
import type { Readiness } from "@playground/shared/lifecycle";
import { sleep } from "@playground/shared/time";

const INTERVAL_MS = 25;
/** A service that accepts the connection and does not answer is asked again. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Waits until a service is ready, and reports why if it takes long.
 *
 * @throws {Error} If it is not ready in time.
 */
export async function waitUntilReady(
  name: string,
  url: string,
  tell: (line: string) => void,
  signal: AbortSignal,
  timeoutMs = 60_000,
  reportAfterMs = 3_000,
): Promise<void> {
  const start = performance.now();
  let reported = "";
  for (;;) {
    signal.throwIfAborted();
    const state = await readiness(url, signal);
    if (state.ready) return;
    const waitedMs = performance.now() - start;
    if (waitedMs > timeoutMs) {
      throw new Error(`Cannot start ${name}: ${state.reason}; fix that and start again`);
    }
    if (waitedMs > reportAfterMs && state.reason !== reported) {
      reported = state.reason;
      tell(`waiting: ${state.reason}`);
    }
    await sleep(INTERVAL_MS);
  }
}

async function readiness(url: string, signal: AbortSignal): Promise<Readiness> {
  try {
    const response = await fetch(new URL("/readyz", url), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    return await response.json();
  } catch (error) {
    return { ready: false, reason: failureReason(error) };
  }
}
