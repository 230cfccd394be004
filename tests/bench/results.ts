import { type Goal, meetsGoal, type Row } from "./row.ts";
import { formatNumber, quantile } from "./measure/samples.ts";

export interface Run {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: string;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

const HEADER = ["what", "behind it", "median", "quartiles", "goal", "", "figures"] as const;

export function resultsDocument({ date, machine, rounds, rows }: Run, notes: string): string {
  return `# Results of the bench

<!-- Written by: deno task bench --growth --write-results. The text below the table is kept. -->

${date}, ${machine}. Everything ran on this one machine: services, ceilings,
load generator and backing services. Ratios are of ${rounds} rounds, A B A B …; the first round
warmed up and does not count. "-" stands for none.

${resultsTable(rows)}
${notes}`;
}

export function resultsTable(rows: readonly Row[]): string {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_, column) =>
    Math.max(3, ...lines.map((line) => (line[column] ?? "").length))
  );
  const [header = "", ...others] = lines.map((line) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `${[header, rule, ...others].join("\n")}\n`;
}

function cells(row: Row): readonly string[] {
  const { what, components, samples, unit, goal, detail = "" } = row;
  if (samples.length === 0) return [what, components, "not measured", "", "", "", detail];
  const text = unit === undefined ? (value: number) => value.toFixed(2) : formatNumber;
  const ending = unit === undefined ? "" : ` ${unit}`;
  const [lower, middle, upper] = [0.25, 0.5, 0.75].map((share) => text(quantile(samples, share)));
  const verdict = meetsGoal(row);
  return [
    what,
    components,
    `${middle}${ending}`,
    samples.length < 2 ? "" : `${lower} … ${upper}`,
    goal === undefined ? "" : `${goalText(goal)}${ending}`,
    verdict === undefined ? "" : verdict ? "met" : "missed",
    detail,
  ];
}

function goalText(goal: Goal): string {
  return "atLeast" in goal ? `≥ ${goal.atLeast}` : `≤ ${formatNumber(goal.atMost)}`;
}
