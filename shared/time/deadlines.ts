interface Deadline {
  readonly dueAtMs: number;
  onDue: (() => void) | undefined;
}

/**
 * Time limits of one length, with one timer for all: at thousands a second, a timer for each takes a tenth of a service's
 * processor time. The timer stays armed when none is left, since another will follow soon.
 */
export class Deadlines implements Disposable {
  readonly timeoutMs: number;
  /** In the order in which they are due. */
  readonly #underWay = new Set<Deadline>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Starts one, which calls the function when due; disposing the result cancels it. */
  start(onDue: () => void): Disposable {
    const deadline: Deadline = { dueAtMs: performance.now() + this.timeoutMs, onDue };
    this.#underWay.add(deadline);
    if (this.#timer === undefined) this.#wait(this.timeoutMs);
    return {
      [Symbol.dispose]: () => {
        this.#underWay.delete(deadline);
        // V8 may keep a deleted entry until it collects its old generation, and with it the whole request.
        deadline.onDue = undefined;
      },
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#underWay.clear();
  }

  #wait(delayMs: number): void {
    this.#timer = setTimeout(() => this.#callDue(), delayMs);
  }

  #callDue(): void {
    this.#timer = undefined;
    for (const deadline of this.#underWay) {
      const leftMs = deadline.dueAtMs - performance.now();
      if (leftMs > 0) return this.#wait(leftMs);
      this.#underWay.delete(deadline);
      deadline.onDue?.();
    }
  }
}
