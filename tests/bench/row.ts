import type { Work } from "./measure/process_figures.ts";
import { formatNumber, median, ratios } from "./measure/samples.ts";

/** What ran behind the services: the components of `TEST_AMQP_URL` and the like, the stand-ins, or `-` for neither. */
export type Components = "real" | "stand-ins" | "-";

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

interface Measured {
  /** One of each round. Empty: it could not be measured, and `detail` says why. */
  readonly samples: readonly number[];
  /** The unit of a figure of this machine. A ratio, which holds on any machine, has none. */
  readonly unit?: string;
  readonly goal?: Goal | undefined;
  readonly detail?: string;
  /**
   * Whether a ratio hardly changes on a busy machine, so that it is compared with the baseline. A ratio of rates does change: the side
   * that needs more processor time is delayed more. @default false
   */
  readonly isSteady?: boolean;
}

export interface Row extends Measured {
  /** Names it in the baseline; never changes. */
  readonly id: string;
  readonly what: string;
  readonly components: Components;
}

/** Makes the rows of one path: `accept.quorum.tracing.real` is about "Accept, quorum queue: …". */
export function rowsOf(path: string, subject: string, components: Components) {
  return (id: string, what: string, measured: Measured): Row => ({
    id: components === "-" ? `${path}.${id}` : `${path}.${id}.${components}`,
    what: `${subject}: ${what}`,
    components,
    ...measured,
  });
}

export function rateRatio(
  ours: readonly Pick<Work, "rate">[],
  others: readonly Pick<Work, "rate">[],
  otherName = "bare",
): Measured {
  const rates = ours.map(({ rate }) => rate);
  const otherRates = others.map(({ rate }) => rate);
  const text = (all: readonly number[]) => `${formatNumber(median(all))}/s`;
  const detail = `${text(rates)}; ${otherName} ${text(otherRates)}`;
  return { samples: ratios(rates, otherRates), detail };
}

/** The processor time of an email against that of bare libraries that do the same work: 0.5 is twice the time. */
export function processorRatio(
  ours: readonly Work[],
  others: readonly Work[],
  otherName = "bare",
): Measured {
  const times = ours.map(({ microseconds }) => microseconds);
  const otherTimes = others.map(({ microseconds }) => microseconds);
  const text = (all: readonly number[]) => `${median(all).toFixed(0)} µs`;
  const detail = `${text(times)} an email; ${otherName} ${text(otherTimes)}`;
  return { samples: ratios(otherTimes, times), detail, isSteady: true };
}

export function meetsGoal({ goal, samples }: Row): boolean | undefined {
  if (goal === undefined || samples.length === 0) return undefined;
  return "atLeast" in goal ? median(samples) >= goal.atLeast : median(samples) <= goal.atMost;
}
