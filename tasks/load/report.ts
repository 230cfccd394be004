import { toPrintable } from "@playground/tasks/terminal";
import { formatDuration } from "@playground/shared/waterfall";
import { taskCommand } from "@playground/tasks/running-system";
import type { Percentiles } from "./latency_histogram.ts";
import { exitCodeOf, type LoadSummary, type SlowEmail } from "./summary.ts";

const UNKNOWN = "unknown";

/** Writes how a run ended, for people. */
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

function slowLines(title: string, emails: readonly SlowEmail[]): readonly string[] {
  if (emails.length === 0) return [];
  return [
    "",
    title,
    ...emails.map(({ durationMs, traceUrl }) =>
      `  ${formatDuration(durationMs * 1000).padStart(8)}  ${traceUrl}`
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
