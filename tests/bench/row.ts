import { formatRate, ratios, summarize, type Summary } from "./measure/samples.ts";

/** What ran behind the services: what `TEST_AMQP_URL` and the like name, or the stand-ins; `-` where nothing of that kind did. */
export type Components = "real" | "stand-ins" | "-";

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** What was measured: a ratio that holds on any machine, a figure of this one, or nothing and why. */
export type Result =
  | { readonly kind: "ratio"; readonly summary: Summary }
  | { readonly kind: "figure"; readonly unit: string; readonly summary: Summary }
  | { readonly kind: "missing"; readonly reason: string };

export interface Row {
  /** Names it in the baseline; never changes. */
  readonly id: string;
  readonly what: string;
  readonly components: Components;
  readonly result: Result;
  readonly goal?: Goal | undefined;
  readonly detail?: string;
  /**
   * Whether a ratio is much the same on a busy machine, so that it is held against the baseline. One of rates is not: who needs more
   * of a processor is delayed more by others. @default false
   */
  readonly isSteady?: boolean;
}

export type RowFacts = Omit<Row, "result">;

/** Names the rows of one path: `accept.quorum.tracing.real` is about "Accept, quorum queue: …". */
export function rowNames(path: string, subject: string, components: Components) {
  return (id: string, what: string, more: Partial<RowFacts> = {}): RowFacts => ({
    id: components === "-" ? `${path}.${id}` : `${path}.${id}.${components}`,
    what: `${subject}: ${what}`,
    components,
    ...more,
  });
}

export function ratioRow(
  facts: RowFacts,
  samples: readonly number[],
  references: readonly number[],
): Row {
  return { ...facts, result: { kind: "ratio", summary: summarize(ratios(samples, references)) } };
}

export function rateRow(
  facts: RowFacts,
  rates: readonly number[],
  reference: string,
  referenceRates: readonly number[],
): Row {
  const detail = `${formatRate(rates)}; ${reference} ${formatRate(referenceRates)}`;
  return ratioRow({ detail, ...facts }, rates, referenceRates);
}

/**
 * A row that compares the processor time of an email with that of something which does the same work, as a rule bare libraries:
 * 0.5 is twice the time. The first sample of each is of the round that warmed up.
 */
export function processorRow(
  facts: RowFacts,
  [, ...microseconds]: readonly number[],
  [, ...bareMicroseconds]: readonly number[],
  reference = "bare",
): Row {
  const median = (samples: readonly number[]) => summarize(samples).median.toFixed(0);
  return {
    ...ratioRow(facts, bareMicroseconds, microseconds),
    detail: `${median(microseconds)} µs an email; ${reference} ${median(bareMicroseconds)} µs`,
    isSteady: true,
  };
}

export function figureRow(facts: RowFacts, unit: string, samples: readonly number[]): Row {
  return { ...facts, result: { kind: "figure", unit, summary: summarize(samples) } };
}

export function meetsGoal({ goal, result }: Row): boolean | undefined {
  if (goal === undefined || result.kind === "missing") return undefined;
  const { median } = result.summary;
  return "atLeast" in goal ? median >= goal.atLeast : median <= goal.atMost;
}
