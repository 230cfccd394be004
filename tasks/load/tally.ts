import { createHistogram } from "node:perf_hooks";
import type { AcceptedEmail, PostResult } from "@playground/tasks/clients/message-server";

export type ExpectedEnd = "archived" | "deadLettered";

/** How many traces are followed for the time to the archive. */
export const SAMPLE_SIZE = 100;
/** How many slow emails are named. */
export const SLOWEST_COUNT = 5;
/** Failures of more kinds than this are counted as one. */
const MAX_FAILURE_KINDS = 20;

/** What the answers of the message server tell. Its size does not grow with their number. */
export class Tally {
  readonly answerTimes: LatencyHistogram = new LatencyHistogram();
  readonly slowestAnswers: Slowest<AcceptedEmail> = new Slowest(SLOWEST_COUNT);
  /** Some accepted emails whose traces are reported. */
  readonly sample: Reservoir<AcceptedEmail> = new Reservoir(SAMPLE_SIZE);
  readonly #expected: Record<ExpectedEnd, number> = { archived: 0, deadLettered: 0 };
  readonly #failures = new Map<string, number>();

  /** How many accepted emails shall end in each way. */
  get expected(): Readonly<Record<ExpectedEnd, number>> {
    return this.#expected;
  }

  get accepted(): number {
    return this.#expected.archived + this.#expected.deadLettered;
  }

  /** Why emails were not accepted, and how many. */
  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  get failed(): number {
    return this.#failures.values().reduce((sum, count) => sum + count, 0);
  }

  record(result: PostResult, expected: ExpectedEnd, durationMs: number): void {
    switch (result.status) {
      case "accepted":
        this.#expected[expected]++;
        this.answerTimes.record(durationMs);
        this.slowestAnswers.offer(durationMs, result.email);
        if (result.email.sampled) this.sample.offer(result.email);
        return;
      case "refused":
        return this.#fail(`HTTP ${result.httpStatus}: ${result.lines[0] ?? ""}`);
      case "unreachable":
        return this.#fail(`no answer: ${result.reason}`);
    }
  }

  #fail(reason: string): void {
    const isKnown = this.#failures.has(reason) || this.#failures.size < MAX_FAILURE_KINDS;
    const kind = isKnown ? reason : "other reasons";
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
  }
}

/** In milliseconds. */
export type Percentiles = Readonly<Record<"p50" | "p90" | "p99" | "max", number>>;

/** A histogram counts whole numbers only. */
const NANOSECONDS_PER_MS = 1e6;

/** Counts times, with an error of one per mille. */
export class LatencyHistogram {
  readonly #histogram = createHistogram({ figures: 3 });
  #maxMs = 0;

  get count(): number {
    return this.#histogram.count;
  }

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

/**
 * A random sample of a stream of unknown length: each item is in it with the same probability (Vitter's algorithm R,
 * https://doi.org/10.1145/3147.3165).
 */
export class Reservoir<Item> {
  readonly #size: number;
  readonly #random: () => number;
  readonly #items: Item[] = [];
  #seen = 0;

  constructor(size: number, random: () => number = Math.random) {
    this.#size = size;
    this.#random = random;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  offer(item: Item): void {
    this.#seen++;
    const place = this.#items.length < this.#size
      ? this.#items.length
      : Math.floor(this.#random() * this.#seen);
    if (place < this.#size) this.#items[place] = item;
  }
}

export interface Timed<Item> {
  readonly durationMs: number;
  readonly item: Item;
}

/** Keeps the few that took longest. */
export class Slowest<Item> {
  readonly #size: number;
  #items: readonly Timed<Item>[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** The slowest first. */
  get items(): readonly Timed<Item>[] {
    return this.#items;
  }

  offer(durationMs: number, item: Item): void {
    const last = this.#items.at(this.#size - 1);
    if (last !== undefined && last.durationMs >= durationMs) return;
    this.#items = [...this.#items, { durationMs, item }]
      .toSorted((a, b) => b.durationMs - a.durationMs)
      .slice(0, this.#size);
  }
}
