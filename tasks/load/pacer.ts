import type { LoadPlan } from "./arguments.ts";

/** When one email is to be sent. */
export interface Slot {
  /** Which email, from 0. */
  readonly index: number;
  /** When, in milliseconds of the clock that the pacer was given. */
  readonly dueAtMs: number;
}

/** Hands out the times at which emails are due. Whoever is late catches up: a steady rate is one over the whole run. */
export class Pacer {
  readonly #plan: Pick<LoadPlan, "ratePerSecond" | "count" | "durationMs">;
  readonly #startMs: number;
  #next = 0;

  /** Starts the run. */
  constructor(plan: Pick<LoadPlan, "ratePerSecond" | "count" | "durationMs">, startMs: number) {
    this.#plan = plan;
    this.#startMs = startMs;
  }

  /** Takes the next slot. */
  next(nowMs: number): Slot | undefined {
    const { ratePerSecond, count = Infinity, durationMs = Infinity } = this.#plan;
    const index = this.#next;
    const dueAtMs = ratePerSecond === undefined
      ? nowMs
      : this.#startMs + index * 1000 / ratePerSecond;
    const isOver = Math.max(dueAtMs, nowMs) - this.#startMs >= durationMs;
    if (index >= count || isOver) return undefined;
    this.#next++;
    return { index, dueAtMs };
  }
}
