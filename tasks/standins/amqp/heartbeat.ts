import { clearInterval, setInterval } from "node:timers";

/** What a heartbeat does to its connection. */
export interface HeartbeatActions {
  /** Tells the peer that this side is alive. */
  readonly beat: () => void;
  /** The peer said nothing for two intervals. */
  readonly onSilence: () => void;
}

/** Keeps one connection alive and notices when the peer is not (AMQP 0-9-1, section 4.2.7). */
export class Heartbeat implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #hasSent = false;
  #silentTicks = 0;

  constructor(intervalMs: number, actions: HeartbeatActions) {
    this.#timer = setInterval(() => {
      if (!this.#hasSent) actions.beat();
      this.#hasSent = false;
      // Four ticks are two intervals.
      if (++this.#silentTicks > 4) actions.onSilence();
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
