import { formatDuration } from "@playground/shared/waterfall";
import { taskCommand } from "@playground/tasks/running-system";
import { toPrintable } from "@playground/tasks/terminal";
import type { LoadPlan } from "./generator.ts";
import type { OutcomeFigures, SettleEnd } from "./outcomes.ts";
import type { Percentiles, Tally } from "./tally.ts";
import type { SampleFigures } from "./trace_sample.ts";

/** How a run ended, as `--json` writes it; unknown values are `null`. */
export type LoadSummary = Readonly<ReturnType<typeof summarize>>;

interface SummaryParts {
  readonly runId: string;
  readonly end: SettleEnd;
  readonly sendingMs: number;
  readonly tally: Tally;
  readonly figures: OutcomeFigures;
  readonly sample: SampleFigures;
  readonly problems: readonly string[];
}

export function summarize(
  { runId, end, sendingMs, tally, figures, sample, problems }: SummaryParts,
) {
  const { accepted, expected, failed, failures, answerTimes } = tally;
  return {
    runId,
    end,
    sendingMs: Math.round(sendingMs),
    accepted,
    expected,
    acceptedPerSecond: sendingMs > 0 ? Math.round(accepted / sendingMs * 1e5) / 100 : 0,
    failed,
    failures: Object.fromEntries(failures),
    delivered: deliveredCount(accepted, figures) ?? null,
    archived: figures.archived ?? null,
    deadLettered: figures.deadLettered ?? null,
    answerMs: answerTimes.percentiles() ?? null,
    /** From the request to the archive, of a random sample. */
    archivedMs: sample.archivedTimes ?? null,
    /** How many emails of the sample are archived by their traces. */
    sampleSize: sample.archivedCount,
    slowestToArchive: sample.slowest,
    problems,
  };
}

/** How many emails are neither dead nor in a queue. Of the emails in queues, at most the number of our unarchived ones are ours. */
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
  // An email whose answer got lost may still have been accepted, and ends like the others.
  const mostDead = expected.deadLettered + failed;
  if (deadLettered !== null && deadLettered > mostDead) return 1;
  const isReached = (figure: number | null, wanted: number) => (figure ?? 0) >= wanted;
  return isReached(archived, expected.archived) && isReached(deadLettered, expected.deadLettered)
    ? 0
    : 3;
}

const UNKNOWN = "unknown";

export function describeSummary(summary: LoadSummary, stateDirectory: string): string {
  const { accepted, expected, failed, archived, deadLettered, delivered } = summary;
  const sendingTime = formatDuration(summary.sendingMs * 1000);
  const slowest = summary.slowestToArchive.map(({ durationMs, pageUrl = "" }) =>
    `  ${formatDuration(durationMs * 1000).padStart(8)}  ${pageUrl}`
  );
  return [
    `accepted       ${accepted} in ${sendingTime}: ${summary.acceptedPerSecond} a second`,
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
    ...(slowest.length === 0 ? [] : ["", "Slowest to be archived", ...slowest]),
    ...summary.problems.map((problem) => `\nSome figures are unknown: ${toPrintable(problem)}`),
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
        ? "Some emails have not ended yet, and there was no more progress in time"
        : "It is unknown whether every email ended as expected";
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
  const { plan: { count = Infinity, durationMs = Infinity }, tally, figures, sendingMs } = state;
  const { archived = 0, deadLettered = 0 } = figures;
  const sent = Math.max((tally.accepted + tally.failed) / count, sendingMs / durationMs);
  const ended = tally.accepted === 0 ? 1 : (archived + deadLettered) / tally.accepted;
  const part = Math.min(1, state.phase === "sending" ? sent : ended);
  const filled = Math.round(part * BAR_COLUMNS);
  const rate = sendingMs > 0 ? tally.accepted / (sendingMs / 1000) : 0;
  const bar = `${"━".repeat(filled)}${"─".repeat(BAR_COLUMNS - filled)}`;
  return [
    `${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${state.phase}`,
    [
      `accepted ${tally.accepted} (${rate.toFixed(0)} a second)`,
      `archived ${figures.archived ?? "?"}`,
      `dead-lettered ${figures.deadLettered ?? "?"}`,
      `in queues ${figures.waiting ?? "?"}`,
      `failed ${tally.failed}`,
    ].join("  "),
  ].map((line) => line.slice(0, columns)).join("\n");
}
