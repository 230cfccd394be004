import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  compressedAxis,
  formatDuration,
  intersection,
  type Interval,
  layOutWaterfall,
  linksOf,
  missingIn,
  placeOf,
  type RowLink,
  type Segment,
  type SegmentKind,
  type SpanRow,
  type TimeAxis,
  timeSpent,
  trueAxis,
  type Waterfall,
  type WaterfallRow,
} from "@playground/shared/waterfall";
import type { TerminalOptions } from "./live_area.ts";
import { columnsOf, fit, toPrintable, wrap } from "./text.ts";

interface DrawOptions extends TerminalOptions {
  /** Whether what was logged in a span stands below its row. @default false */
  readonly logs?: boolean;
  readonly remarksOn?: (row: SpanRow) => readonly string[];
  /** A time that is a row of its own above the others, in microseconds since 1970. */
  readonly period?: { readonly label: string; readonly fromUs: number; readonly toUs: number };
  /** The time, in microseconds since 1970. @default now */
  readonly nowUs?: number;
}

/** A narrower terminal leaves nothing for the bars: the picture is drawn for this width. */
const MIN_COLUMNS = 60;

const DURATION_COLUMNS = 8;

/** How much of the width names and services take at most. */
const MAX_LABEL_SHARE = 0.36;
const MAX_SERVICE_SHARE = 0.2;

const CUT = "≈";

/** SGR parameters (ECMA-48, section 8.3.117). */
const STYLES = { dim: 2, red: 31, boldRed: "1;31", cyan: 36, yellow: 33 } as const;

type Style = keyof typeof STYLES;
type Paint = (text: string, style: Style) => string;

/**
 * Draws traces as a waterfall for a terminal: one row per span, with the tree, the service, a bar on a common time axis and the
 * duration. A failed span is marked with `✗`; below the row stand the error, where it arose, and a remark.
 *
 * A span's own work is a solid bar, a lighter one off the critical path, a child's a thin one; time in a queue and the wait for
 * the next poll are shaded. A dotted line leads to a span that follows a gap. The time axis cuts a wait that would leave no room
 * for the rest.
 */
export function drawWaterfall(spans: readonly ZipkinSpan[], options: DrawOptions): string {
  const waterfall = layOutWaterfall(spans);
  if (waterfall.rows.length === 0) return "";
  const paint: Paint = options.colour
    ? (text, style) => `\x1b[${STYLES[style]}m${text}\x1b[0m`
    : (text) => text;
  const columns = Math.max(options.columns, MIN_COLUMNS);
  const sizes = measure(waterfall, columns);
  const { period } = options;
  const untilUs = (period?.toUs ?? 0) - waterfall.startUs;
  const whole = { ...waterfall, totalUs: Math.max(waterfall.totalUs, untilUs) };
  const axis = compressedAxis(whole) ?? trueAxis(whole);
  const missing = missingIn(waterfall.rows, { nowUs: options.nowUs ?? Date.now() * 1_000 });
  const columnOf = (us: number) => placeOf(axis, us) * sizes.bar;
  const steps = Map.groupBy(waterfall.criticalPath, ({ index }) => index);
  const bars = waterfall.rows.map(({ segments }, index) =>
    drawBar(segments, steps.get(index) ?? [], sizes.bar, columnOf)
  );
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
  const links = linksOf(waterfall.rows.map(({ row }) => row));
  const logs = (row: WaterfallRow) =>
    (row.row.annotations ?? []).flatMap(({ timestamp, value }) => {
      const time = formatDuration(timestamp - waterfall.startUs).padStart(DURATION_COLUMNS);
      return below(row, `· ${time}`, value, "dim");
    });
  const lines = [
    " ".repeat(sizes.label + sizes.service + 4) + paint(drawAxis(axis, sizes.bar), "dim"),
    ...period === undefined ? [] : [drawPeriod(period, waterfall.startUs, sizes, columnOf, paint)],
    ...waterfall.rows.flatMap((row, index) => [
      drawRow(row, bars[index] ?? "", sizes, paint),
      ...below(row, "✗", row.says, "red"),
      ...below(row, "→", row.row.correction, "yellow"),
      ...below(row, "→", missing(row), "yellow"),
      ...below(row, "↔", describeRetry(row, links.get(row.row)), "dim"),
      ...(options.logs ? logs(row) : []),
      ...(options.remarksOn?.(row.row) ?? []).flatMap((text) => below(row, "→", text, "yellow")),
    ]),
    ...notes(waterfall, axis, bars.join("")).flatMap((note) => wrap(note, columns))
      .map((line) => paint(line, "dim")),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** The attempt in another trace that continues a row, or that the row continues. A poll's rows show their links as tags. */
function describeRetry(
  { row, depth }: WaterfallRow,
  link: RowLink | undefined,
): string | undefined {
  if (link === undefined || (row.name !== "amqp-retry" && depth > 0)) return undefined;
  return `${link.text} ${link.row?.name ?? "a span"} of trace ${link.traceId}`;
}

type Sizes = Readonly<ReturnType<typeof measure>>;

/** Gives labels and services the width they need, up to a share of the line; the bars get the rest. */
function measure({ rows }: Waterfall, columns: number) {
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

/** `0 ────≈5 s──── 9.32 s`, with a mark at each cut, and its length where there is room. */
function drawAxis(axis: TimeAxis, columns: number): string {
  const end = ` ${formatDuration(axis.totalUs)}`;
  const line = Array.from(`0 ${"─".repeat(Math.max(columns - end.length - 2, 0))}`);
  for (const { fromUs, toUs, label } of axis.cuts) {
    const [from, to] = [fromUs, toUs].map((us) => Math.round(placeOf(axis, us) * columns));
    if (from === undefined || to === undefined) continue;
    const text = CUT.length + label.length <= to - from ? CUT + label : CUT;
    const start = Math.floor((from + to - text.length) / 2);
    if (line[start] === "─" && line[start + text.length - 1] === "─") {
      line.splice(start, text.length, ...text);
    }
  }
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
    bar.replace(/[█▓▬▏]+/g, (work) => paint(work, isFailed ? "red" : "cyan"))
      .replace(/[░┈]+/g, (rest) => paint(rest, "dim")),
    ` ${duration.padStart(DURATION_COLUMNS)}`,
    isFailed ? paint(" ✗", "boldRed") : "",
  ].join("");
}

function drawPeriod(
  { label, fromUs, toUs }: NonNullable<DrawOptions["period"]>,
  startUs: number,
  sizes: Sizes,
  columnOf: (us: number) => number,
  paint: Paint,
): string {
  const [from = 0, to = 0] = [fromUs, toUs].map((us) => Math.round(columnOf(us - startUs)));
  const bar = " ".repeat(from) + "×".repeat(to - from);
  return [
    fit(label, sizes.label + sizes.service + 2),
    paint(fit(bar, sizes.bar), "yellow"),
    `${formatDuration(toUs - fromUs).padStart(DURATION_COLUMNS - 1)}`,
  ].join("  ");
}

/** Cuts the lines of the tree before the name: deep in the tree, the names tell spans apart. */
function fitLabel({ branch, row }: WaterfallRow, columns: number): string {
  const name = toPrintable(row.name);
  const room = Math.max(columns - columnsOf(name), Math.floor(columns / 2));
  const shortened = branch.length > room ? `…${branch.slice(branch.length - room + 1)}` : branch;
  return fit(shortened + name, columns);
}

function notes(waterfall: Waterfall, { cuts }: TimeAxis, bars: string): readonly string[] {
  const legend = [
    ...(/[█▏]/.test(bars) ? ["█ works itself"] : []),
    ...(bars.includes(OFF_PATH) ? [`${OFF_PATH} off critical path`] : []),
    ...(bars.includes("▬") ? ["▬ a child works"] : []),
    ...(bars.includes("░") ? ["░ waiting"] : []),
    ...(bars.includes("┈") ? ["┈ nothing recorded"] : []),
    ...(cuts.length > 0 ? [`${CUT} left out`] : []),
  ];
  const shares = timeSpent(waterfall).map(({ us, service, what, isWait }) =>
    [formatDuration(us), ...isWait ? [] : [toPrintable(service)], what].filter(Boolean).join(" ")
  );
  return [
    // A picture of only work needs no legend.
    ...legend.length > 1 ? [legend.join("   ")] : [],
    // A single share repeats the picture.
    ...shares.length > 1 ? [`${formatDuration(waterfall.totalUs)}: ${shares.join(", ")}`] : [],
  ];
}

/** In drawing order: work must show even where it shares a cell with a wait. */
const CHARACTERS: Readonly<Record<SegmentKind, string>> = {
  idle: "┈",
  wait: "░",
  child: "▬",
  own: "█",
};
/** A span's own work that delayed nothing. */
const OFF_PATH = "▓";
/** Work too short for a cell of its own still shows where it was. */
const SHORT_WORK = "▏";

const ORDER = Object.keys(CHARACTERS);

function drawBar(
  segments: readonly Segment[],
  criticalSteps: readonly Interval[],
  columns: number,
  columnOf: (us: number) => number,
): string {
  const cells = Array.from({ length: columns }, () => " ");
  const inOrder = segments.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  for (const { kind, fromUs, toUs } of inOrder) {
    if (kind === "idle" && columnOf(toUs) - columnOf(fromUs) < 1) continue;
    const from = Math.round(columnOf(fromUs));
    const to = Math.round(columnOf(toUs));
    cells.fill(kind === "own" ? OFF_PATH : CHARACTERS[kind], from, to);
    if (kind === "own" && to <= from) cells[Math.min(from, columns - 1)] = SHORT_WORK;
  }
  for (const { kind, ...segment } of inOrder) {
    for (const step of kind === "own" ? criticalSteps : []) {
      const both = intersection(segment, step);
      if (both === undefined) continue;
      const from = Math.round(columnOf(both.fromUs));
      const to = Math.round(columnOf(both.toUs));
      if (cells[from] === OFF_PATH) cells.fill(CHARACTERS.own, from, Math.max(to, from + 1));
    }
  }
  return cells.join("");
}
