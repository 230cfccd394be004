import { formatDuration } from "@playground/shared/waterfall";
import type { AcceptedEmail } from "@playground/tasks/clients/message-server";
import { taskCommand } from "@playground/tasks/running-system";
import { toPrintable } from "@playground/tasks/terminal";
import type { LoadPlan } from "./generator.ts";
import type { OutcomeFigures } from "./outcome_counts.ts";
import type { SettleEnd } from "./settle.ts";
import type { Percentiles, Tally, Timed } from "./tally.ts";
import type { SampleFigures } from "./trace_sample.ts";

/** How a run ended, as `--json` writes it; what cannot be told is `null`. */
export type LoadSummary = Readonly<ReturnType<typeof summarize>>;

interface SummaryParts {
  /** Part of the sender and of each subject. */
  readonly runId: string;
  readonly end: SettleEnd;
  readonly sendingMs: number;
  readonly tally: Tally;
  readonly figures: OutcomeFigures;
  readonly sample: SampleFigures;
  /** Why figures are missing. */
  readonly problems: readonly string[];
}

export function summarize(
  { runId, end, sendingMs, tally, figures, sample, problems }: SummaryParts,
) {
  return {
    runId,
    end,
    sendingMs: Math.round(sendingMs),
    accepted: tally.accepted,
    expected: { ...tally.expected },
    acceptedPerSecond: sendingMs > 0 ? round(tally.accepted / (sendingMs / 1000)) : 0,
    failed: tally.failed,
    failures: Object.fromEntries(tally.failures),
    /** Emails that the mail server has. */
    delivered: deliveredCount(tally.accepted, figures) ?? null,
    archived: figures.archived ?? null,
    deadLettered: figures.deadLettered ?? null,
    answerMs: roundAll(tally.answerTimes.percentiles()),
    /** From the request to the archive, of a random sample. */
    archivedMs: roundAll(sample.archivedTimes),
    /** How many emails of the sample were seen to be archived. */
    sampleSize: sample.archivedCount,
    slowestAnswers: tally.slowestAnswers.items.map(slowEmail),
    slowestToArchive: sample.slowest.map(slowEmail),
    problems,
  };
}

/** How many emails are neither dead nor wait in a queue. Of those that wait, only so many can be ours as are not archived. */
export function deliveredCount(
  accepted: number,
  { archived = 0, deadLettered, waiting }: OutcomeFigures,
): number | undefined {
  if (deadLettered === undefined || waiting === undefined) return undefined;
  const notDead = Math.max(0, accepted - deadLettered);
  return Math.max(Math.min(archived, notDead), notDead - waiting);
}

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

function slowEmail({ durationMs, item }: Timed<AcceptedEmail>) {
  return { durationMs: round(durationMs), traceUrl: item.traceUrl, pageUrl: item.pageUrl };
}

function roundAll(percentiles: Percentiles | undefined): Percentiles | null {
  if (percentiles === undefined) return null;
  const { p50, p90, p99, max } = percentiles;
  return { p50: round(p50), p90: round(p90), p99: round(p99), max: round(max) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const UNKNOWN = "unknown";

export function describeSummary(summary: LoadSummary, stateDirectory: string): string {
  const { accepted, expected, failed, archived, deadLettered, delivered } = summary;
  const rate = `in ${
    formatDuration(summary.sendingMs * 1000)
  }: ${summary.acceptedPerSecond} a second`;
  return [
    `accepted       ${accepted} ${rate}`,
    `delivered      ${delivered ?? UNKNOWN}`,
    `archived       ${archived ?? UNKNOWN} of ${expected.archived}`,
    `dead-lettered  ${deadLettered ?? UNKNOWN} of ${expected.deadLettered}`,
    `failed         ${failed}`,
    ...Object.entries(summary.failures).map(([reason, count]) =>
      `               ${count} × ${toPrintable(reason)}`
    ),
    "",
    percentileLine("to the answer", summary.answerMs),
    percentileLine("to the archive", summary.archivedMs) +
    (summary.archivedMs === null ? "" : `  (sample of ${summary.sampleSize})`),
    ...slowLines("Slowest to be answered", summary.slowestAnswers),
    ...slowLines("Slowest to be archived", summary.slowestToArchive),
    ...summary.problems.map((problem) => `\nNot everything can be told: ${toPrintable(problem)}`),
    "",
    verdict(summary, stateDirectory),
  ].join("\n");
}

function percentileLine(what: string, percentiles: Percentiles | null): string {
  const name = what.padEnd(15);
  if (percentiles === null) return `${name}${UNKNOWN}`;
  return name + Object.entries(percentiles)
    .map(([part, durationMs]) => `${part} ${formatDuration(durationMs * 1000)}`.padEnd(14))
    .join("").trimEnd();
}

function slowLines(title: string, emails: LoadSummary["slowestAnswers"]): readonly string[] {
  if (emails.length === 0) return [];
  return [
    "",
    title,
    ...emails.map(({ durationMs, pageUrl = "no collector shows it" }) =>
      `  ${formatDuration(durationMs * 1000).padStart(8)}  ${pageUrl}`
    ),
  ];
}

function verdict(summary: LoadSummary, stateDirectory: string): string {
  switch (exitCodeOf(summary)) {
    case 0:
      return "Every accepted email ended as expected";
    case 1:
      return summary.accepted === 0
        ? "No email was accepted"
        : `Some emails ended otherwise than expected; ${
          taskCommand("dead-letters", stateDirectory)
        } tells why`;
    default:
      return summary.end === "interrupted"
        ? "Stopped before every email had ended"
        : summary.end === "timeout"
        ? "Some emails have not ended yet, and nothing more came through in time"
        : "It cannot be told whether every email ended as expected";
  }
}

export interface LiveState {
  readonly plan: Pick<LoadPlan, "count" | "durationMs">;
  readonly tally: Pick<Tally, "accepted" | "failed">;
  readonly figures: OutcomeFigures;
  readonly sendingMs: number;
  readonly phase: "sending" | "waiting for the emails" | "reading traces";
}

const BAR_COLUMNS = 30;

export function drawLiveView(state: LiveState, columns: number): string {
  const { tally, figures, sendingMs } = state;
  const part = Math.min(1, state.phase === "sending" ? sentPart(state) : endedPart(state));
  const filled = Math.round(part * BAR_COLUMNS);
  const rate = sendingMs > 0 ? tally.accepted / (sendingMs / 1000) : 0;
  const known = (figure: number | undefined) => figure ?? "?";
  return [
    `${"━".repeat(filled)}${"─".repeat(BAR_COLUMNS - filled)} ${
      String(Math.floor(part * 100)).padStart(3)
    } %  ${state.phase}`,
    `accepted ${tally.accepted} (${rate.toFixed(0)} a second)  archived ${
      known(figures.archived)
    }  ` +
    `dead-lettered ${known(figures.deadLettered)}  in queues ${known(figures.waiting)}  ` +
    `failed ${tally.failed}`,
  ].map((line) => line.slice(0, columns)).join("\n");
}

/** Whichever of count and duration is nearer to its end. */
function sentPart(
  { plan: { count = Infinity, durationMs = Infinity }, tally, sendingMs }: LiveState,
): number {
  return Math.max((tally.accepted + tally.failed) / count, sendingMs / durationMs);
}

function endedPart(
  { tally: { accepted }, figures: { archived = 0, deadLettered = 0 } }: LiveState,
) {
  return accepted === 0 ? 1 : (archived + deadLettered) / accepted;
}
