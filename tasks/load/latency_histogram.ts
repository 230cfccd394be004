import { createHistogram } from "node:perf_hooks";

/** Percentiles of a time, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** A histogram counts whole numbers only. */
const NANOSECONDS_PER_MS = 1e6;
/** An error of one per mille. */
const SIGNIFICANT_FIGURES = 3;

/** Counts times, so that millions of them take no more room than some. */
export class LatencyHistogram {
  readonly #histogram = createHistogram({ figures: SIGNIFICANT_FIGURES });
  #maxMs = 0;

  /** How many times were recorded. */
  get count(): number {
    return this.#histogram.count;
  }

  /** Counts a time. */
  record(durationMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(durationMs * NANOSECONDS_PER_MS)));
    this.#maxMs = Math.max(this.#maxMs, durationMs);
  }

  /** The nearest ranks: each is the least time that this part of all times does not exceed. */
  percentiles(): Percentiles | undefined {
    if (this.count === 0) return undefined;
    // The histogram tells the upper bound of a bucket, which may lie beyond the longest time.
    const percentile = (percent: number) =>
      Math.min(this.#histogram.percentile(percent) / NANOSECONDS_PER_MS, this.#maxMs);
    return {
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      max: this.#maxMs,
    };
  }
}
