import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  type ComparedRow,
  type ComparedShare,
  compareWaterfalls,
  formatDuration,
  layOutWaterfall,
  type WaterfallRow,
} from "@playground/shared/waterfall";
import type { TerminalOptions } from "./live_area.ts";
import { tableLines, toPrintable, wrap } from "./text.ts";

const MARKS = { new: "+", missing: "-", slower: ">", faster: "<", same: " " } as const;
/** Deeper names would push the numbers out of the window. */
const MAX_INDENT = 20;

/** Draws what differs between two traces: a row for each span of either, and where the time of their critical paths went. */
export function drawComparison(
  left: readonly ZipkinSpan[],
  right: readonly ZipkinSpan[],
  { columns, colour }: TerminalOptions,
): string {
  const { summary, rows, shares } = compareWaterfalls(
    layOutWaterfall(left),
    layOutWaterfall(right),
  );
  const table = tableLines([
    ["", "this", "other", ""],
    ...rows.map((row) => [labelOf(row), took(row.left), took(row.right), row.difference]),
  ]);
  const lines = [
    ...wrap(summary, columns),
    "",
    ...table.map((line, index) =>
      colour && (rows[index - 1]?.difference ?? "") === "" ? `\x1b[2m${line}\x1b[0m` : line
    ),
    "",
    "+ new   - missing   > slower   < faster",
    ...wrap(`Critical paths: ${shares.map(describeShare).join("; ")}.`, columns),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function labelOf({ status, depth, name }: ComparedRow): string {
  const indent = "  ".repeat(depth).slice(0, MAX_INDENT);
  return `${MARKS[status]} ${indent}${toPrintable(name)}`;
}

function took(row: WaterfallRow | undefined): string {
  if (row === undefined) return "";
  return row.durationUs === undefined ? "…" : formatDuration(row.durationUs);
}

function describeShare({ service, what, isWait, leftUs, rightUs }: ComparedShare): string {
  const activity = [...isWait ? [] : [toPrintable(service)], what].filter(Boolean).join(" ");
  return `${formatDuration(leftUs)} ${activity}, ${formatDuration(rightUs)} in the other`;
}
