import type { AcceptedEmail } from "@playground/tasks/clients/message-server";
import type { ExpectedEnd } from "./email_mix.ts";
import type { OutcomeFigures } from "./outcome_counts.ts";
import type { Percentiles } from "./latency_histogram.ts";
import type { SettleEnd } from "./settle.ts";
import type { Timed } from "./slowest.ts";
import type { Tally } from "./tally.ts";
import type { SampleFigures } from "./trace_sample.ts";

/** An email that took long. */
export interface SlowEmail {
  /** How long, in milliseconds. */
  readonly durationMs: number;
  /** Where its trace is to be seen. */
  readonly traceUrl?: string | undefined;
}

/** How a run ended; what cannot be told is `null`. With `--json` it is written as it is. */
export interface LoadSummary {
  /** Distinguishes the run: it is part of the sender and of each subject. */
  readonly runId: string;
  /** How the wait for the emails ended. */
  readonly end: SettleEnd;
  /** How long emails were sent, in milliseconds. */
  readonly sendingMs: number;
  /** Emails that the message server accepted. */
  readonly accepted: number;
  /** How many of them shall end in each way. */
  readonly expected: Readonly<Record<ExpectedEnd, number>>;
  /** Accepted emails a second. */
  readonly acceptedPerSecond: number;
  /** Emails that it did not accept. */
  readonly failed: number;
  /** Why, and how many. */
  readonly failures: Readonly<Record<string, number>>;
  /** Emails that the mail server has. */
  readonly delivered: number | null;
  /** Emails in the archive. */
  readonly archived: number | null;
  /** Emails among the dead letters. */
  readonly deadLettered: number | null;
  /** The time to the answer, in milliseconds. */
  readonly answerMs: Percentiles | null;
  /** The time from the request to the archive, in milliseconds, of a random sample. */
  readonly archivedMs: Percentiles | null;
  /** How many emails the sample has of which the archiving was seen. */
  readonly sampleSize: number;
  /** The emails that were answered last. */
  readonly slowestAnswers: readonly SlowEmail[];
  /** The emails of the sample that took longest to the archive. */
  readonly slowestToArchive: readonly SlowEmail[];
  /** Why figures are missing. */
  readonly problems: readonly string[];
}

/** What a summary is made of. */
export interface SummaryParts {
  /** Distinguishes the run. */
  readonly runId: string;
  /** How the wait for the emails ended. */
  readonly end: SettleEnd;
  /** How long emails were sent, in milliseconds. */
  readonly sendingMs: number;
  /** What the message server answered. */
  readonly tally: Tally;
  /** What became of the emails. */
  readonly figures: OutcomeFigures;
  /** What the traces tell. */
  readonly sample: SampleFigures;
  /** Why figures are missing. */
  readonly problems: readonly string[];
}

/** Sums a run up. */
export function summarize(parts: SummaryParts): LoadSummary {
  const { runId, end, sendingMs, tally, figures, sample } = parts;
  return {
    runId,
    end,
    sendingMs: Math.round(sendingMs),
    accepted: tally.accepted,
    expected: { ...tally.expected },
    acceptedPerSecond: sendingMs > 0 ? round(tally.accepted / (sendingMs / 1000)) : 0,
    failed: tally.failed,
    failures: Object.fromEntries(tally.failures),
    delivered: deliveredCount(tally.accepted, figures) ?? null,
    archived: figures.archived ?? null,
    deadLettered: figures.deadLettered ?? null,
    answerMs: roundAll(tally.answerTimes.percentiles()),
    archivedMs: roundAll(sample.archivedTimes),
    sampleSize: sample.archivedCount,
    slowestAnswers: tally.slowestAnswers.items.map(slowEmail),
    slowestToArchive: sample.slowest.map(slowEmail),
    problems: parts.problems,
  };
}

/**
 * How many emails the mail server has: those that are neither dead nor wait in a queue. Of those that wait, at most as many can be
 * ours as are not archived.
 */
export function deliveredCount(
  accepted: number,
  { archived = 0, deadLettered, waiting }: OutcomeFigures,
): number | undefined {
  if (deadLettered === undefined || waiting === undefined) return undefined;
  const notDead = Math.max(0, accepted - deadLettered);
  return Math.max(Math.min(archived, notDead), notDead - waiting);
}

/** The exit code of the command: what a script wants to know. */
export function exitCodeOf(
  { accepted, failed, expected, archived, deadLettered }: LoadSummary,
): number {
  if (accepted === 0) return 1;
  // An email whose answer got lost may have been accepted all the same, and ends like the others.
  const mostDead = expected.deadLettered + failed;
  if (deadLettered !== null && deadLettered > mostDead) return 1;
  const isReached = (figure: number | null, wanted: number) => (figure ?? 0) >= wanted;
  return isReached(archived, expected.archived) && isReached(deadLettered, expected.deadLettered)
    ? 0
    : 3;
}

function slowEmail({ durationMs, item }: Timed<AcceptedEmail>): SlowEmail {
  return { durationMs: round(durationMs), traceUrl: item.traceUrl };
}

function roundAll(percentiles: Percentiles | undefined): Percentiles | null {
  if (percentiles === undefined) return null;
  const { p50, p90, p99, max } = percentiles;
  return { p50: round(p50), p90: round(p90), p99: round(p99), max: round(max) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
