import type { FaultRecord } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import type { Reconciliation } from "./reconcile.ts";
import type { Visibility } from "./visibility.ts";

export const PROMISES = {
  kept: "every 202 is archived exactly once or is a dead letter that the faults explain",
  nothingElse: "nothing else is archived",
  empty: "no queue and no inbox holds anything",
  alive: "every process that should live is ready, and none ended by itself",
  answers: "every answer is a 202 or a 503",
  visible: "each failure is an error in the trace of the email that it hit",
} as const;

export type PromiseName = keyof typeof PROMISES;

export interface ChaosReport {
  readonly quietMs: number;
  readonly ledger: Ledger;
  readonly faults: readonly FaultRecord[];
  readonly result: Reconciliation;
  /** Or why it is not known. */
  readonly visibility: Visibility | string;
  /** How each promise was broken, if it was. */
  readonly violations: Readonly<Record<PromiseName, readonly string[]>>;
}

const NAME_COLUMNS = 50;
/** More are not listed one by one. */
const MAX_VIOLATIONS = 20;

type Row = readonly [name: string, value: number | string];

export function violationCount({ violations }: ChaosReport): number {
  return Object.values(violations).flat().length;
}

export function describeReport(report: ChaosReport): string {
  const broken = Object.entries(PROMISES).flatMap(([name, promise]) =>
    report.violations[name as PromiseName].map((detail) => `BROKEN  ${promise}: ${detail}`)
  );
  return [
    ...[...emailRows(report), ...failureRows(report)].map(line),
    "",
    ...broken.slice(0, MAX_VIOLATIONS),
    ...(broken.length > MAX_VIOLATIONS
      ? [`BROKEN  and ${broken.length - MAX_VIOLATIONS} more`]
      : []),
    broken.length === 0
      ? "Every promise was kept"
      : `${broken.length} promises were broken; the same seed plans the same faults`,
  ].join("\n");
}

function emailRows({ faults, ledger, result, quietMs }: ChaosReport): readonly Row[] {
  const { lost, "archived twice": twice, ...figures } = result.figures;
  return [
    ["faults", faults.length],
    ["accepted", ledger.accepted.size],
    ["accepted again, same key", ledger.acceptedAgain],
    ["refused", ledger.refusals.length],
    ["requests without an answer", ledger.unanswered],
    ...Object.entries(figures),
    ["quiet after", `${(quietMs / 1000).toFixed(1)} s`],
    ["lost", lost ?? 0],
    ["archived twice", twice ?? 0],
  ];
}

function failureRows({ visibility }: ChaosReport): readonly Row[] {
  if (typeof visibility === "string") return [["failures in traces", `unknown: ${visibility}`]];
  return [
    ["failures that a trace must show", visibility.failures],
    ["  shown", visibility.seen],
    ["  killed before it could tell", visibility.lostWithProcess],
    ["  missing", visibility.unseen.length],
  ];
}

function line([name, value]: Row): string {
  return `${name.padEnd(NAME_COLUMNS)}${String(value).padStart(8)}`;
}
