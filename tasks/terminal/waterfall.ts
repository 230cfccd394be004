import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  formatDuration,
  layOutWaterfall,
  type Segment,
  type SegmentKind,
  type SpanRow,
  type Waterfall,
  type WaterfallRow,
} from "@playground/shared/waterfall";
import type { TerminalOptions } from "./live_area.ts";
import { columnsOf, fit, toPrintable, wrap } from "./text.ts";
import { layOutAxis, type TimeAxis } from "./time_axis.ts";

interface DrawOptions extends TerminalOptions {
  /** Whether what was logged in a span stands below its row. @default false */
  readonly logs?: boolean;
  /** What is to be said below a row, if anything. @default nothing */
  readonly remarkOn?: (row: SpanRow) => string | undefined;
}

/** A narrower terminal leaves nothing for the bars: the picture is drawn for this width. */
const MIN_COLUMNS = 60;

const DURATION_COLUMNS = 8;

/** How much of the width names and services take at most. */
const MAX_LABEL_SHARE = 0.36;
const MAX_SERVICE_SHARE = 0.2;

/** Marks where the time axis is cut. */
const CUT = "≈";

/** SGR parameters (ECMA-48, section 8.3.117). */
const STYLES = { dim: 2, red: 31, boldRed: "1;31", cyan: 36, yellow: 33 } as const;

type Style = keyof typeof STYLES;
type Paint = (text: string, style: Style) => string;

/**
 * Draws traces as a waterfall for a terminal: one row per span, with the tree, the service, a bar on a common time axis and the
 * duration. A failed span is marked with `✗`; its error, and then a remark, follow below its row.
 *
 * Work is a solid bar; time in a queue and the wait for the next poll are shaded. A dotted line leads to a span before which
 * nothing was under way. The time axis leaves out most of a wait that would leave no room for the rest.
 */
export function drawWaterfall(spans: readonly ZipkinSpan[], options: DrawOptions): string {
  const waterfall = layOutWaterfall(spans);
  if (waterfall.rows.length === 0) return "";
  const paint: Paint = options.colour
    ? (text, style) => `\x1b[${STYLES[style]}m${text}\x1b[0m`
    : (text) => text;
  const columns = Math.max(options.columns, MIN_COLUMNS);
  const sizes = measure(waterfall, columns);
  const axis = layOutAxis(waterfall, sizes.bar);
  const bars = waterfall.rows.map(({ segments }) => drawBar(segments, axis));
  /** A text below a row, wrapped, behind a mark. */
  const below = (
    { continuation }: WaterfallRow,
    mark: string,
    text: string | undefined,
    style: Style,
  ) => {
    const indent = continuation.slice(-Math.floor(columns / 2));
    const lines = wrap(toPrintable(text ?? ""), columns - indent.length - mark.length - 1);
    return lines.map((line, index) =>
      indent + paint(`${index === 0 ? mark : " ".repeat(mark.length)} ${line}`, style)
    );
  };
  const logs = (row: WaterfallRow) =>
    (row.row.annotations ?? []).flatMap(({ timestamp, value }) => {
      const time = formatDuration(timestamp - waterfall.startUs).padStart(DURATION_COLUMNS);
      return below(row, `· ${time}`, value, "dim");
    });
  const lines = [
    " ".repeat(sizes.label + sizes.service + 4) + paint(drawAxis(axis), "dim"),
    ...waterfall.rows.flatMap((row, index) => [
      drawRow(row, bars[index] ?? "", sizes, paint),
      ...below(row, "✗", row.row.error, "red"),
      ...below(row, "→", row.row.correction, "yellow"),
      ...(options.logs ? logs(row) : []),
      ...below(row, "→", options.remarkOn?.(row.row), "yellow"),
    ]),
    ...notes(waterfall, axis, bars.join("")).map((note) => paint(note, "dim")),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

interface Sizes {
  readonly label: number;
  readonly service: number;
  readonly bar: number;
}

/** Gives labels and services the width they need, up to a share of the line; the bars get the rest. */
function measure({ rows }: Waterfall, columns: number): Sizes {
  const widest = (textOf: (row: WaterfallRow) => string, share: number) => {
    const needed = rows.reduce((width, row) => Math.max(width, columnsOf(textOf(row))), 0);
    return Math.min(needed, Math.floor(columns * share));
  };
  const label = widest(labelOf, MAX_LABEL_SHARE);
  const service = widest(serviceOf, MAX_SERVICE_SHARE);
  // Two columns after the label and the service, one before the duration, two for the error mark.
  return { label, service, bar: columns - label - service - DURATION_COLUMNS - 7 };
}

function labelOf({ branch, row }: WaterfallRow): string {
  return branch + toPrintable(row.name);
}

function serviceOf({ row }: WaterfallRow): string {
  return toPrintable(row.services[0] ?? "");
}

/** `0 ────≈──── 1.32 s`, with a mark wherever the axis is cut. */
function drawAxis({ columns, totalUs, cuts }: TimeAxis): string {
  const end = ` ${formatDuration(totalUs)}`;
  const line = Array.from(`0 ${"─".repeat(Math.max(columns - end.length - 2, 0))}`);
  for (const { column } of cuts) if (line[column] === "─") line[column] = CUT;
  return line.join("") + end;
}

function drawRow(row: WaterfallRow, bar: string, sizes: Sizes, paint: Paint): string {
  const label = fitLabel(row, sizes.label);
  const duration = row.durationUs === undefined ? "…" : formatDuration(row.durationUs);
  const isFailed = row.row.error !== undefined;
  return [
    isFailed ? paint(label, "red") : label,
    "  ",
    fit(serviceOf(row), sizes.service),
    "  ",
    bar.replace(/[█▏]+/g, (work) => paint(work, isFailed ? "red" : "cyan"))
      .replace(/[░┈]+/g, (rest) => paint(rest, "dim")),
    ` ${duration.padStart(DURATION_COLUMNS)}`,
    isFailed ? paint(" ✗", "boldRed") : "",
  ].join("");
}

/** Cuts the lines of the tree before the name: deep in the tree, the name is what tells spans apart. */
function fitLabel({ branch, row }: WaterfallRow, columns: number): string {
  const name = toPrintable(row.name);
  const room = Math.max(columns - columnsOf(name), Math.floor(columns / 2));
  const shortened = branch.length > room ? `…${branch.slice(branch.length - room + 1)}` : branch;
  return fit(shortened + name, columns);
}

/** What the picture itself cannot tell: what its characters mean, and what is missing. */
function notes({ rows }: Waterfall, { cuts }: TimeAxis, bars: string): readonly string[] {
  const legend = [
    ...(/[█▏]/.test(bars) ? ["█ at work"] : []),
    ...(bars.includes("░") ? ["░ waiting"] : []),
    ...(bars.includes("┈") ? ["┈ nothing recorded"] : []),
  ];
  const orphans = rows.filter(({ isParentMissing }) => isParentMissing).length;
  const leftOutUs = cuts.reduce((sum, cut) => sum + cut.leftOutUs, 0);
  return [
    // Where all is work, there is nothing to tell apart.
    ...(/[░┈]/.test(bars) ? [legend.join("   ")] : []),
    ...(cuts.length > 0 ? [`${CUT} The time axis leaves out ${formatDuration(leftOutUs)}`] : []),
    ...(orphans > 1 ? [`The parents of ${orphans} spans have not arrived`] : []),
    ...(orphans === 1 ? ["The parent of 1 span has not arrived"] : []),
  ];
}

const CHARACTERS: Readonly<Record<SegmentKind, string>> = { work: "█", wait: "░", idle: "┈" };
/** Work too short for a cell of its own still shows where it was. */
const SHORT_WORK = "▏";

/** Work is drawn last: it must show even where it shares a cell with a wait. */
const ORDER: Readonly<Record<SegmentKind, number>> = { idle: 0, wait: 1, work: 2 };

function drawBar(segments: readonly Segment[], { columns, columnOf }: TimeAxis): string {
  const cells = Array.from({ length: columns }, () => " ");
  for (const { kind, fromUs, toUs } of segments.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind])) {
    if (kind === "idle" && columnOf(toUs) - columnOf(fromUs) < 1) continue;
    const from = Math.round(columnOf(fromUs));
    const to = Math.round(columnOf(toUs));
    cells.fill(CHARACTERS[kind], from, to);
    if (kind === "work" && to <= from) cells[Math.min(from, columns - 1)] = SHORT_WORK;
  }
  return cells.join("");
}
