import type { Readiness } from "@playground/shared/lifecycle";

/** How long a start may take. */
const TIMEOUT_MS = 60_000;
/** How often a service is asked. */
const INTERVAL_MS = 25;
/** After so long people want to know what the wait is for. */
const TELL_AFTER_MS = 3_000;

/**
 * Waits until a service says that it is ready, and tells why it takes long.
 *
 * @param name The service.
 * @param url Its base address.
 * @param tell Called with what the wait is for.
 * @param signal Ends the wait.
 * @throws {Error} If it is not ready in a minute.
 */
export async function waitUntilReady(
  name: string,
  url: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const start = performance.now();
  let told = "";
  for (;;) {
    signal.throwIfAborted();
    const state = await readiness(url);
    if (state.ready) return;
    const waitedMs = performance.now() - start;
    if (waitedMs > TIMEOUT_MS) {
      throw new Error(`Cannot start ${name}: ${state.reason}; mend that and start again`);
    }
    if (waitedMs > TELL_AFTER_MS && state.reason !== told) {
      told = state.reason;
      tell(`waiting: ${state.reason}`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

async function readiness(url: string): Promise<Readiness> {
  try {
    const response = await fetch(new URL("/readyz", url));
    return await response.json();
  } catch (error) {
    return { ready: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
