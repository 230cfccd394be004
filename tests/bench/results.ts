import { type Goal, meetsGoal, type Row } from "./row.ts";
import { formatNumber } from "./measure/samples.ts";

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

<!-- Written by: deno task bench --growth --write-results. What stands below the table is kept. -->

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
  const { what, components, result, goal, detail = "" } = row;
  if (result.kind === "missing") {
    return [what, components, "not measured", "", "", "", result.reason];
  }
  const { median, lowerQuartile, upperQuartile, count } = result.summary;
  const isRatio = result.kind === "ratio";
  const text = isRatio ? (value: number) => value.toFixed(2) : formatNumber;
  const unit = isRatio ? "" : ` ${result.unit}`;
  const verdict = meetsGoal(row);
  return [
    what,
    components,
    `${text(median)}${unit}`,
    count < 2 ? "" : `${text(lowerQuartile)} … ${text(upperQuartile)}`,
    goal === undefined ? "" : `${goalText(goal)}${unit}`,
    verdict === undefined ? "" : verdict ? "met" : "missed",
    detail,
  ];
}

function goalText(goal: Goal): string {
  return "atLeast" in goal ? `≥ ${goal.atLeast}` : `≤ ${formatNumber(goal.atMost)}`;
}
