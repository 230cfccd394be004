import type { AcceptedEmail, PostResult } from "@playground/tasks/clients/message-server";
import type { ExpectedEnd } from "./email_mix.ts";
import { LatencyHistogram } from "./latency_histogram.ts";
import { Reservoir } from "./reservoir.ts";
import { Slowest } from "./slowest.ts";

/** How many traces are followed for the time to the archive. */
export const SAMPLE_SIZE = 100;
/** How many slow emails are named. */
export const SLOWEST_COUNT = 5;
/** Failures of more kinds than this are told as one. */
const MAX_FAILURE_KINDS = 20;
const OTHER_FAILURES = "other reasons";

/** What the answers of the message server tell, in a room that does not grow with their number. */
export class Tally {
  /** How long the server took to answer, where it accepted the email. */
  readonly answerTimes: LatencyHistogram = new LatencyHistogram();
  /** The accepted emails that it took longest to answer. */
  readonly slowestAnswers: Slowest<AcceptedEmail> = new Slowest(SLOWEST_COUNT);
  /** Some accepted emails whose traces are reported. */
  readonly sample: Reservoir<AcceptedEmail> = new Reservoir(SAMPLE_SIZE);
  readonly #expected: Record<ExpectedEnd, number> = { archived: 0, deadLettered: 0 };
  readonly #failures = new Map<string, number>();
  #failed = 0;

  /** How many emails were accepted. */
  get accepted(): number {
    return this.#expected.archived + this.#expected.deadLettered;
  }

  /** How many accepted emails shall end in each way. */
  get expected(): Readonly<Record<ExpectedEnd, number>> {
    return this.#expected;
  }

  /** How many emails were not accepted. */
  get failed(): number {
    return this.#failed;
  }

  /** Why emails were not accepted, and how many. */
  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  /** Counts an answer. */
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
    this.#failed++;
    const isKnown = this.#failures.has(reason) || this.#failures.size < MAX_FAILURE_KINDS;
    const kind = isKnown ? reason : OTHER_FAILURES;
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
  }
}
