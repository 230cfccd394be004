import { getLogger } from "@logtape/logtape";

/** How long to wait before finding out whether somebody has acted. */
const PAUSE_MS = 30_000;

/**
 * Holds all mails back while none can be sent and only a person can change that: a wrong password, an account that has used up
 * its month. The messages stay unacknowledged, so that the broker sends no more of them than are in flight.
 */
export class OperatorPause implements Disposable {
  readonly #stop = new AbortController();
  readonly #pauseMs: number;
  #reason: string | undefined;
  #pause: Promise<boolean> | undefined;

  /**
   * Makes a pause that nobody waits for yet.
   *
   * @param pauseMs How long to wait each time, in milliseconds.
   */
  constructor(pauseMs: number = PAUSE_MS) {
    this.#pauseMs = pauseMs;
  }

  /** Why no mail can be sent now, for the readiness; `undefined` when mails are being sent. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /**
   * Waits until it is time to try again. Those who wait meanwhile share one pause.
   *
   * @param reason What the mail server said.
   * @returns Whether to try again; not when the pause was ended for good.
   */
  wait(reason: string): Promise<boolean> {
    if (this.#stop.signal.aborted) return Promise.resolve(false);
    if (this.#pause === undefined) {
      this.#reason =
        `Cannot send any mail: ${reason}; check MAILTRAP_USER, MAILTRAP_PASSWORD and the account`;
      getLogger(["emailer"]).error("{reason}; trying again every {seconds} s", {
        reason: this.#reason,
        seconds: this.#pauseMs / 1000,
      });
      this.#pause = this.#sleep().finally(() => {
        this.#pause = undefined;
        this.#reason = undefined;
      });
    }
    return this.#pause;
  }

  /** Ends the pause for good: what waits is given up, its messages go back to the queue. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #sleep(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#pauseMs);
    const { signal } = this.#stop;
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    return !signal.aborted;
  }
}
