/** Percentiles of a time, in milliseconds. */
export interface Percentiles {
  /** Half took no longer. */
  readonly p50: number;
  /** Nine of ten took no longer. */
  readonly p90: number;
  /** 99 of 100 took no longer. */
  readonly p99: number;
  /** None took longer. */
  readonly max: number;
}

/** Each bucket ends this much above the one before: the error of a percentile is at most 1 %. */
const BUCKET_RATIO = 1.02;
/** Shorter times share the first bucket. */
const SHORTEST_MS = 0.01;

/** Counts times in buckets of growing width, so that millions of them take no more room than some hundred. */
export class LatencyHistogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #maxMs = 0;

  /** How many times were recorded. */
  get count(): number {
    return this.#count;
  }

  /** Counts a time. */
  record(durationMs: number): void {
    const bucket = Math.round(
      Math.log(Math.max(durationMs, SHORTEST_MS) / SHORTEST_MS) / Math.log(BUCKET_RATIO),
    );
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, durationMs);
  }

  /** Sums up. */
  percentiles(): Percentiles | undefined {
    if (this.#count === 0) return undefined;
    const buckets = [...this.#buckets].toSorted(([a], [b]) => a - b);
    return {
      p50: this.#percentile(buckets, 0.5),
      p90: this.#percentile(buckets, 0.9),
      p99: this.#percentile(buckets, 0.99),
      max: this.#maxMs,
    };
  }

  /** The nearest rank: the least time that this part of all times does not exceed. */
  #percentile(buckets: readonly (readonly [number, number])[], part: number): number {
    let left = Math.ceil(part * this.#count);
    for (const [bucket, count] of buckets) {
      left -= count;
      if (left <= 0) return Math.min(SHORTEST_MS * BUCKET_RATIO ** bucket, this.#maxMs);
    }
    return this.#maxMs;
  }
}
