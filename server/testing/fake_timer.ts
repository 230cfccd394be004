import type { Timer } from "../live/mod.ts";

interface Call {
  readonly atMs: number;
  readonly run: () => void;
}

/** A mocked clock with a timer. */
export class FakeTimer {
  readonly #calls = new Set<Call>();
  nowMs = 0;

  readonly timer: Timer = (delayMs, run) => {
    const call: Call = { atMs: this.nowMs + delayMs, run };
    this.#calls.add(call);
    return () => void this.#calls.delete(call);
  };

  /** The remaining wait of each call, in milliseconds, in order. */
  get pendingMs(): readonly number[] {
    return [...this.#calls].map(({ atMs }) => atMs - this.nowMs).toSorted((a, b) => a - b);
  }

  /** Advances the clock, and lets promises settle. */
  async advance(durationMs: number): Promise<void> {
    this.nowMs += durationMs;
    for (const call of [...this.#calls].toSorted((a, b) => a.atMs - b.atMs)) {
      if (call.atMs > this.nowMs || !this.#calls.delete(call)) continue;
      call.run();
    }
    // A turn of the event loop settles all promises.
    await new Promise((resolve) => setTimeout(resolve));
  }
}
