import { createHistogram } from "node:perf_hooks";
import type { AcceptedEmail, PostResult } from "@playground/tasks/clients/message-server";

export type ExpectedEnd = "archived" | "deadLettered";

/** How many traces are followed for the time to the archive. */
export const SAMPLE_SIZE = 100;
/** Failures of more kinds than this are counted as one. */
const MAX_FAILURE_KINDS = 20;

/** Figures from the message server's answers. Their size does not grow with the number of answers. */
export class Tally {
  readonly answerTimes: LatencyHistogram = new LatencyHistogram();
  /** Some accepted emails whose traces are reported: each is in it with the same probability. */
  readonly sample: AcceptedEmail[] = [];
  readonly expected: Record<ExpectedEnd, number> = { archived: 0, deadLettered: 0 };
  readonly failures: Map<string, number> = new Map();
  readonly #random: () => number;
  #sampledCount = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get accepted(): number {
    return this.expected.archived + this.expected.deadLettered;
  }

  get failed(): number {
    return this.failures.values().reduce((sum, count) => sum + count, 0);
  }

  record(result: PostResult, expected: ExpectedEnd, durationMs: number): void {
    switch (result.status) {
      case "accepted":
        this.expected[expected]++;
        this.answerTimes.record(durationMs);
        if (result.email.sampled) this.#offer(result.email);
        return;
      case "refused":
        return this.#fail(`HTTP ${result.httpStatus}: ${result.lines[0] ?? ""}`);
      case "unreachable":
        return this.#fail(`no answer: ${result.reason}`);
    }
  }

  /** Takes an email into the sample, or not (Vitter's algorithm R, https://doi.org/10.1145/3147.3165). */
  #offer(email: AcceptedEmail): void {
    const seen = ++this.#sampledCount;
    const place = seen <= SAMPLE_SIZE ? seen - 1 : Math.floor(this.#random() * seen);
    if (place < SAMPLE_SIZE) this.sample[place] = email;
  }

  #fail(reason: string): void {
    const isKnown = this.failures.has(reason) || this.failures.size < MAX_FAILURE_KINDS;
    const kind = isKnown ? reason : "other reasons";
    this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1);
  }
}

/** In milliseconds. */
export type Percentiles = Readonly<Record<"p50" | "p90" | "p99" | "max", number>>;

/** A histogram counts whole numbers only. */
const NANOSECONDS_PER_MS = 1e6;

/** Counts times, with an error of one per mille. */
export class LatencyHistogram {
  readonly #histogram = createHistogram({ figures: 3 });

  get count(): number {
    return this.#histogram.count;
  }

  record(durationMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(durationMs * NANOSECONDS_PER_MS)));
  }

  /** Nearest-rank percentiles: each is the least time that this share of all times does not exceed. */
  percentiles(): Percentiles | undefined {
    if (this.count === 0) return undefined;
    const percentile = (percent: number) => {
      const milliseconds = this.#histogram.percentile(percent) / NANOSECONDS_PER_MS;
      return Math.round(milliseconds * 100) / 100;
    };
    return { p50: percentile(50), p90: percentile(90), p99: percentile(99), max: percentile(100) };
  }
}
