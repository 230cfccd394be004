import { causesRedelivery, type Fault, faultKind } from "./faults.ts";

/** What is known of the faults of one kind. */
export interface FaultFigures {
  /** How many there were. */
  readonly count: number;
  /** How long the longest one lasted, in milliseconds. */
  readonly longestMs: number;
}

/** Counts what was done to the system. */
export class FaultLog {
  readonly #figures = new Map<string, FaultFigures>();
  #redeliveries = 0;

  /** The figures by kind. */
  get figures(): ReadonlyMap<string, FaultFigures> {
    return this.#figures;
  }

  /** How many there were. */
  get count(): number {
    return this.#figures.values().reduce((sum, { count }) => sum + count, 0);
  }

  /** How many faults made the broker deliver messages again. */
  get redeliveries(): number {
    return this.#redeliveries;
  }

  /**
   * Notes a fault that begins.
   *
   * @param fault The fault.
   */
  begin(fault: Fault): void {
    const kind = faultKind(fault);
    const { count = 0, longestMs = 0 } = this.#figures.get(kind) ?? {};
    this.#figures.set(kind, { count: count + 1, longestMs });
    if (causesRedelivery(fault)) this.#redeliveries++;
  }

  /**
   * Notes that a fault is over.
   *
   * @param fault The fault.
   * @param durationMs How long it lasted.
   */
  end(fault: Fault, durationMs: number): void {
    const kind = faultKind(fault);
    const { count = 0, longestMs = 0 } = this.#figures.get(kind) ?? {};
    this.#figures.set(kind, { count, longestMs: Math.max(longestMs, durationMs) });
  }
}
