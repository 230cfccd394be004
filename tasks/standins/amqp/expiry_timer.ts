import { clearTimeout, setTimeout } from "node:timers";

/** The longest delay that a timer takes, in milliseconds. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/**
 * Wakes a queue when its first message may have expired. It may wake it too early, never too late, so that it need not
 * be set anew for each message.
 */
export class ExpiryTimer {
  readonly #onExpiry: () => void;
  #timer: NodeJS.Timeout | undefined;
  #wakesAtMs = Infinity;

  constructor(onExpiry: () => void) {
    this.#onExpiry = onExpiry;
  }

  /** Makes sure that it wakes at this time, in milliseconds since 1970, or earlier. */
  wakeAt(timeMs: number): void {
    if (timeMs >= this.#wakesAtMs) return;
    clearTimeout(this.#timer);
    this.#wakesAtMs = timeMs;
    const delayMs = Math.min(Math.max(timeMs - Date.now(), 0), DELAY_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#wakesAtMs = Infinity;
      this.#onExpiry();
    }, delayMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#wakesAtMs = -Infinity;
  }
}
