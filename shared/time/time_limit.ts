/**
 * A signal that aborts after some milliseconds, with a `TimeoutError`, or with an outer signal. The timer of
 * `AbortSignal.timeout()` stays until it fires, and `AbortSignal.any()` leaves a reference in a long-lived signal; at a thousand
 * emails a second, both would pile up.
 */
export class TimeLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuterAbort = () => this.#controller.abort(this.#outer?.reason);

  constructor(timeoutMs: number, outer?: AbortSignal) {
    this.#outer = outer;
    outer?.addEventListener("abort", this.#onOuterAbort, { once: true });
    if (outer?.aborted) this.#onOuterAbort();
    this.#timer = setTimeout(
      () => this.#controller.abort(new DOMException("The time is over", "TimeoutError")),
      timeoutMs,
    );
  }

  /** Ends the limit: the signal no longer aborts. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onOuterAbort);
  }
}

/** Waits for something, but no longer than this; returns whether it came in time. */
export async function waitAtMost(timeoutMs: number, awaited: Promise<unknown>): Promise<boolean> {
  const timeLimit = Promise.withResolvers<boolean>();
  const timer = setTimeout(timeLimit.resolve, timeoutMs, false);
  try {
    return await Promise.race([awaited.then(() => true), timeLimit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
