import type { Machine } from "./machine.ts";
import { type Goal, meetsGoal, type Result, type Row } from "./row.ts";
import { number } from "./text.ts";

/** One run of the bench. */
export interface Run {
  /** When, as ISO 8601. */
  readonly date: string;
  /** What it was measured on. */
  readonly machine: Machine;
  /** How many rounds of each comparison counted. */
  readonly rounds: number;
  /** What was measured. */
  readonly rows: readonly Row[];
}

const HEADER = ["what", "behind it", "median", "quartiles", "goal", "", "figures"] as const;

/** Writes a run as a document for people. */
export function resultsDocument({ date, machine, rounds, rows }: Run, notes: string): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return `# Results of the bench

<!-- Written by: deno task bench --growth --write-results. What stands below the table is kept. -->

${date.slice(0, 10)}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGigabytes} GB,
${machine.system}; ${versions.join(", ")}. Everything ran on this one machine: services, ceilings,
load generator and backing services. Ratios are of ${rounds} rounds, A B A B …; the first round
warmed up and does not count. "-" stands for none.

${resultsTable(rows)}
${notes}`;
}

/** Writes rows as a table. */
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
  const verdict = meetsGoal(row);
  return [
    what,
    components,
    medianOf(result),
    quartilesOf(result),
    goal === undefined ? "" : goalText(goal, result),
    verdict === undefined ? "" : verdict ? "met" : "missed",
    result.kind === "missing" ? result.reason : detail,
  ];
}

function medianOf(result: Result): string {
  switch (result.kind) {
    case "missing":
      return "not measured";
    case "ratio":
      return result.summary.median.toFixed(2);
    case "figure":
      return `${number(result.summary.median)} ${result.unit}`;
  }
}

function quartilesOf(result: Result): string {
  if (result.kind === "missing" || result.summary.count < 2) return "";
  const { lowerQuartile, upperQuartile } = result.summary;
  const text = result.kind === "ratio" ? (value: number) => value.toFixed(2) : number;
  return `${text(lowerQuartile)} … ${text(upperQuartile)}`;
}

function goalText(goal: Goal, result: Result): string {
  const unit = result.kind === "figure" ? ` ${result.unit}` : "";
  return "atLeast" in goal ? `≥ ${goal.atLeast}${unit}` : `≤ ${number(goal.atMost)}${unit}`;
}
