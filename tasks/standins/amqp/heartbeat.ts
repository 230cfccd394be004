import { clearInterval, setInterval } from "node:timers";

/** Keeps one connection alive and notices when the peer is not (AMQP 0-9-1, section 4.2.7). */
export class Heartbeat implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #hasSent = false;
  #silentTicks = 0;

  constructor(intervalMs: number, beat: () => void, onSilence: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#hasSent) beat();
      this.#hasSent = false;
      // Four ticks are two intervals.
      if (++this.#silentTicks > 4) onSilence();
    }, intervalMs / 2);
  }

  /** Notes that something was sent: no beat is needed. */
  sent(): void {
    this.#hasSent = true;
  }

  received(): void {
    this.#silentTicks = 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
