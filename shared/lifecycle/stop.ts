import { atNextSignal } from "./repeated_signal.ts";

/** What else than a signal stops the process. */
export interface StopOptions {
  /** Whether the end of standard input does. @default false */
  readonly atStdinEof?: boolean;
}

/** A stop that takes longer than this is cut off: an orchestrator would kill the process anyway, and less politely. */
const STOP_TIMEOUT_MS = 15_000;

/**
 * Waits for Ctrl-C, SIGTERM or, on request, the end of standard input: a parent that dies closes the pipe, however it dies.
 *
 * Once it was asked to stop, the process ends after at most fifteen seconds, and a second signal ends it at once,
 * unless it is the same Ctrl-C that arrives twice.
 */
export async function stopRequested({ atStdinEof = false }: StopOptions = {}): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of stopSignals()) Deno.addSignalListener(signal, resolve);
  const stdin = atStdinEof ? Deno.stdin.readable.getReader() : undefined;
  if (stdin !== undefined) end(stdin).then(resolve);
  await promise;
  const endAtOnce = atNextSignal(() => Deno.exit(130));
  for (const signal of stopSignals()) {
    Deno.removeSignalListener(signal, resolve);
    Deno.addSignalListener(signal, endAtOnce);
  }
  Deno.unrefTimer(setTimeout(() => Deno.exit(1), STOP_TIMEOUT_MS));
  // A read that is still waiting would keep the process alive.
  await stdin?.cancel();
}

/**
 * Lets a service run until it is asked to stop, disposes what it holds, and ends the process with 0, whatever is still under way
 * then: a connection to a server that does not answer would keep it alive.
 */
export async function runUntilStopped(
  resources: AsyncDisposable,
  options?: StopOptions,
): Promise<never> {
  await stopRequested(options);
  await resources[Symbol.asyncDispose]();
  Deno.exit();
}

/** Windows can send no SIGTERM; listening for it there throws. */
function stopSignals(): readonly Deno.Signal[] {
  return Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
}

/** Waits for the end of a pipe; what is said on it means nothing. */
async function end(pipe: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await pipe.read()).done);
}
