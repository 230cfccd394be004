import { waitAtMost } from "@playground/shared/time";

const MAX_WAIT_MS = 5_000;

/** Lets few run at a time, in the order in which they came. */
export class Turns {
  readonly #maxWaitMs: number;
  readonly #waiting = new Set<() => void>();
  #freeCount: number;

  constructor(count: number, maxWaitMs = MAX_WAIT_MS) {
    this.#freeCount = count;
    this.#maxWaitMs = maxWaitMs;
  }

  /** Waits for a turn, which lasts until it is disposed; `undefined` if the wait is too long. */
  async take(): Promise<Disposable | undefined> {
    if (this.#freeCount > 0) this.#freeCount--;
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await waitAtMost(this.#maxWaitMs, promise);
      // Whoever ends a turn takes the next one out of the list, and passes the turn on.
      if (this.#waiting.delete(resolve)) return undefined;
    }
    return { [Symbol.dispose]: () => this.#end() };
  }

  #end(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#freeCount++;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
