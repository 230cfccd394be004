import { ratios, summarize, type Summary } from "./measure/statistics.ts";

/** What ran behind the services: what `TEST_AMQP_URL` and the like name, or the stand-ins; `-` where nothing of that kind did. */
export type Components = "real" | "stand-ins" | "-";

/** What a result should be. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** What was measured: a ratio that holds on any machine, a figure of this one, or nothing and why. */
export type Result =
  | { readonly kind: "ratio"; readonly summary: Summary }
  | { readonly kind: "figure"; readonly unit: string; readonly summary: Summary }
  | { readonly kind: "missing"; readonly reason: string };

/** One line of the results. */
export interface Row {
  /** Names it in the baseline; never changes. */
  readonly id: string;
  /** What was measured, in words. */
  readonly what: string;
  /** What ran behind the services. */
  readonly components: Components;
  /** What came of it. */
  readonly result: Result;
  /** What it should be; absent: it is told for its own sake. */
  readonly goal?: Goal;
  /** The figures behind a ratio. */
  readonly detail?: string;
  /**
   * Whether a ratio is much the same on a busy machine, so that it is held against the baseline. One of rates is not: who needs more
   * of a processor is delayed more by others. @default false
   */
  readonly isSteady?: boolean;
}

/** What a row is made of beside its result. */
export type RowFacts = Omit<Row, "result">;

/** A row that compares two sides of the same rounds. */
export function ratioRow(
  facts: RowFacts,
  samples: readonly number[],
  references: readonly number[],
): Row {
  return { ...facts, result: { kind: "ratio", summary: summarize(ratios(samples, references)) } };
}

/**
 * A row that compares the processor time of an email with that of bare libraries which do the same work: 0.5 is twice the time.
 */
export function processorRow(
  facts: RowFacts,
  microseconds: readonly number[],
  bareMicroseconds: readonly number[],
): Row {
  const median = (samples: readonly number[]) => summarize(samples).median.toFixed(0);
  return {
    ...ratioRow(facts, bareMicroseconds, microseconds),
    detail: `${median(microseconds)} µs an email; bare ${median(bareMicroseconds)} µs`,
    isSteady: true,
  };
}

/** A row that tells a figure of this machine. */
export function figureRow(facts: RowFacts, unit: string, samples: readonly number[]): Row {
  return { ...facts, result: { kind: "figure", unit, summary: summarize(samples) } };
}

/** Tells whether a row is as it should be. */
export function meetsGoal({ goal, result }: Row): boolean | undefined {
  if (goal === undefined || result.kind === "missing") return undefined;
  const { median } = result.summary;
  return "atLeast" in goal ? median >= goal.atLeast : median <= goal.atMost;
}
