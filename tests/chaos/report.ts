import type { VisibilityResult } from "./findings.ts";
import type { FaultLog } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { PROMISES, type Violation } from "./promises.ts";
import type { Reconciliation } from "./reconcile.ts";

export interface ChaosReport {
  readonly seed: number;
  readonly components: string;
  readonly durationMs: number;
  readonly quietMs: number;
  readonly ledger: Ledger;
  readonly faultLog: FaultLog;
  readonly result: Reconciliation;
  readonly visibility: VisibilityResult;
  readonly violations: readonly Violation[];
}

const NAME_COLUMNS = 50;
/** More are not told one by one. */
const MAX_VIOLATIONS = 20;

type Row = readonly [name: string, value: number | string];

export function describeReport(report: ChaosReport): string {
  const { faultLog, violations } = report;
  return [
    `Seed ${report.seed}, ${duration(report.durationMs)}, ${report.components}`,
    "",
    ...[...emailRows(report), ...failureRows(report)].map(line),
    "",
    `${faultLog.records.length} faults, and how long the longest of each kind was`,
    ...faultLines(faultLog),
    "",
    ...violations.slice(0, MAX_VIOLATIONS).map(({ promise, detail }) =>
      `BROKEN  ${PROMISES[promise]}: ${detail}`
    ),
    ...(violations.length > MAX_VIOLATIONS
      ? [`BROKEN  and ${violations.length - MAX_VIOLATIONS} more`]
      : []),
    violations.length === 0
      ? "Every promise was kept"
      : `${violations.length} promises were broken; the same seed plans the same faults`,
  ].join("\n");
}

function emailRows({ ledger, result, quietMs }: ChaosReport): readonly Row[] {
  return [
    ["accepted", ledger.accepted.size],
    ["accepted again, same key", ledger.acceptedAgain],
    ...[...ledger.replies].map(([reply, count]) => [`refused, ${reply}`, count] as const),
    ["requests without an answer", ledger.unanswered],
    ["delivered to the inbox", result.delivered],
    ["duplicates in the inbox", result.duplicates],
    ["archived", result.archived],
    ["archived without a promise", result.archivedUnpromised],
    ["dead letters", [...result.deadLettered.values()].reduce((sum, count) => sum + count, 0)],
    ...[...result.deadLettered].map(([reason, count]) => [`  ${reason}`, count] as const),
    ["archived, and dead as well", result.both],
    ["quiet after", duration(quietMs)],
    ["lost", result.lost],
    ["archived twice", result.archivedTwice],
  ];
}

function failureRows({ visibility, faultLog }: ChaosReport): readonly Row[] {
  const [longest] = [...faultLog.figures].toSorted(([, a], [, b]) => b.longestMs - a.longestMs);
  const survived = longest === undefined
    ? "-"
    : `${duration(longest[1].longestMs)} (${longest[0]})`;
  return [
    ...(visibility.status === "unknown"
      ? [["failures in traces", `unknown: ${visibility.reason}`] as const]
      : [
        ["failures that a trace must show", visibility.failures] as const,
        ["  shown", visibility.seen] as const,
        ["  killed before it could tell", visibility.lostWithProcess] as const,
        ["  missing", visibility.unseen.length] as const,
      ]),
    ["longest outage survived", survived],
  ];
}

function faultLines({ figures }: FaultLog): readonly string[] {
  return [...figures].toSorted(([a], [b]) => a.localeCompare(b)).map((
    [kind, { count, longestMs }],
  ) => `${line([kind, count])}${longestMs < 1 ? "" : `  ${duration(longestMs)}`}`);
}

function line([name, value]: Row): string {
  return `${name.padEnd(NAME_COLUMNS)}${String(value).padStart(8)}`;
}

function duration(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
