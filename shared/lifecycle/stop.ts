interface StopOptions {
  /** Whether the end of standard input stops the process, too. @default false */
  readonly atStdinEof?: boolean;
  /** Whether a closed terminal stops the process in good order, too, even under `nohup`. @default false */
  readonly atHangUp?: boolean;
  /** Takes the bytes of standard input until its end. */
  readonly onStdin?: (bytes: Uint8Array) => void;
}

/** The time limit of a stop: an orchestrator would kill the process anyway. */
const STOP_TIMEOUT_MS = 15_000;
/** A terminal sends Ctrl-C to a task runner and to its child, and the runner may pass it on: the child gets it twice. */
const ECHO_MS = 500;

/**
 * Waits for Ctrl-C, SIGTERM or, on request, the end of standard input: a parent closes the pipe however it dies.
 *
 * The process then ends within fifteen seconds, or at once at a second signal, unless it is the same Ctrl-C arriving twice.
 */
export async function stopRequested(
  { atStdinEof = false, atHangUp = false, onStdin }: StopOptions = {},
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signals = stopSignals(atHangUp);
  for (const signal of signals) Deno.addSignalListener(signal, resolve);
  const stdin = atStdinEof ? Deno.stdin.readable.getReader() : undefined;
  if (stdin !== undefined) end(stdin, onStdin).then(resolve);
  await promise;
  const stoppingSinceMs = performance.now();
  const endAtOnce = () => {
    if (performance.now() - stoppingSinceMs >= ECHO_MS) Deno.exit(130);
  };
  for (const signal of signals) {
    Deno.removeSignalListener(signal, resolve);
    Deno.addSignalListener(signal, endAtOnce);
  }
  Deno.unrefTimer(setTimeout(() => Deno.exit(1), STOP_TIMEOUT_MS));
  // A pending read would keep the process alive.
  await stdin?.cancel();
}

/**
 * Runs a service until it is asked to stop, disposes its resources, and ends the process with 0: a connection to a server that
 * does not answer would keep the process alive.
 */
export async function runUntilStopped(
  resources: AsyncDisposable,
  options?: StopOptions,
): Promise<never> {
  await stopRequested(options);
  await resources[Symbol.asyncDispose]();
  Deno.exit();
}

/** On Windows, listening for SIGTERM throws. */
function stopSignals(atHangUp: boolean): readonly Deno.Signal[] {
  if (Deno.build.os === "windows") return ["SIGINT"];
  return ["SIGINT", "SIGTERM", ...(atHangUp ? ["SIGHUP"] as const : [])];
}

async function end(
  pipe: ReadableStreamDefaultReader<Uint8Array>,
  take: (bytes: Uint8Array) => void = () => {},
): Promise<void> {
  for (let read = await pipe.read(); !read.done; read = await pipe.read()) take(read.value);
}
