/**
 * A signal that aborts after a time. Unlike `AbortSignal.timeout()`, whose timer stays until it fires, it can be over before: each
 * email has some, and at a thousand emails a second those of the last minute would be kept.
 */
export class TimeLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuterAbort = () => this.#controller.abort(this.#outer?.reason);

  /** Starts the time. */
  constructor(timeoutMs: number, outer?: AbortSignal) {
    this.#outer = outer;
    outer?.addEventListener("abort", this.#onOuterAbort, { once: true });
    if (outer?.aborted) this.#onOuterAbort();
    this.#timer = setTimeout(
      () => this.#controller.abort(new DOMException("The time is over", "TimeoutError")),
      timeoutMs,
    );
  }

  /** Aborts when the time is over, or with the outer signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the time limit: its signal does not abort any more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onOuterAbort);
  }
}

/** Waits for something, but no longer than this; tells whether it came in time. */
export async function waitAtMost(timeoutMs: number, awaited: Promise<unknown>): Promise<boolean> {
  const timeLimit = Promise.withResolvers<boolean>();
  const timer = setTimeout(timeLimit.resolve, timeoutMs, false);
  try {
    return await Promise.race([awaited.then(() => true), timeLimit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
