import type { FaultLog } from "./fault_log.ts";
import type { Ledger } from "./ledger.ts";
import type { Reconciliation } from "./reconcile.ts";

/** How a run ended. */
export interface ChaosReport {
  /** The run's seed. */
  readonly seed: number;
  /** What it ran against. */
  readonly components: string;
  /** For how long emails were sent and things went wrong. */
  readonly durationMs: number;
  /** How long it took from then until nothing was on its way any more. */
  readonly quietMs: number;
  /** What was promised. */
  readonly ledger: Ledger;
  /** What went wrong on purpose. */
  readonly faultLog: FaultLog;
  /** What became of the emails. */
  readonly result: Reconciliation;
  /** Whatever must not be; empty where every promise was kept. */
  readonly violations: readonly string[];
}

const NAME_COLUMNS = 50;
/** More are not told one by one. */
const MAX_VIOLATIONS = 20;

/**
 * Writes how a run ended, for people.
 *
 * @param report How it ended.
 * @returns Some lines.
 */
export function describeReport(report: ChaosReport): string {
  const { ledger, faultLog, result, violations } = report;
  const figures = [...faultLog.figures].toSorted(([a], [b]) => a.localeCompare(b));
  const [longest] = figures.toSorted(([, a], [, b]) => b.longestMs - a.longestMs);
  const rows: readonly (readonly [string, number | string])[] = [
    ["accepted", ledger.accepted.size],
    ["accepted again, same key", ledger.acceptedAgain],
    ...[...ledger.refusals].map(([reply, count]) => [`refused, ${reply}`, count] as const),
    ["requests without an answer", ledger.unanswered],
    ["delivered to the inbox", result.delivered],
    ["duplicates in the inbox", result.duplicates],
    ["archived", result.archived],
    ["archived without a promise", result.archivedUnpromised],
    ...[...result.deadLettered].map(([reason, count]) => [`dead: ${reason}`, count] as const),
    ["archived, and dead as well", result.both],
    ["faults", faultLog.count],
    [
      "longest fault",
      longest === undefined ? "-" : `${longest[0]}, ${duration(longest[1].longestMs)}`,
    ],
    ["quiet after", duration(report.quietMs)],
    ["lost", result.lost],
    ["archived twice", result.archivedTwice],
  ];
  return [
    `Seed ${report.seed}, ${duration(report.durationMs)}, ${report.components}`,
    "",
    ...rows.map(([name, value]) => `${name.padEnd(NAME_COLUMNS)}${String(value).padStart(8)}`),
    "",
    ...figures.map(([kind, { count, longestMs }]) =>
      `${kind.padEnd(NAME_COLUMNS)}${String(count).padStart(8)}  ${
        longestMs < 1 ? "" : duration(longestMs)
      }`
        .trimEnd()
    ),
    "",
    ...violations.slice(0, MAX_VIOLATIONS).map((violation) => `BROKEN  ${violation}`),
    ...(violations.length > MAX_VIOLATIONS
      ? [`BROKEN  and ${violations.length - MAX_VIOLATIONS} more`]
      : []),
    violations.length === 0
      ? "Every promise was kept"
      : `${violations.length} promises were broken; the same seed plans the same faults`,
  ].join("\n");
}

function duration(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
