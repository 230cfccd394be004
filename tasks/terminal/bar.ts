import type { Segment, SegmentKind } from "@playground/shared/waterfall";
import type { TimeAxis } from "./time_axis.ts";

/** Neighbouring characters of a bar that stand for the same. */
export interface BarRun {
  /** What to print. */
  readonly text: string;
  /** What the time was spent on; absent where the row has nothing. */
  readonly kind?: SegmentKind;
}

const CHARACTERS: Readonly<Record<SegmentKind, string>> = { work: "█", wait: "░", idle: "┈" };

/** What the characters of a bar mean, for a legend. */
export const LEGEND: Readonly<Record<SegmentKind, string>> = {
  work: `${CHARACTERS.work} at work`,
  wait: `${CHARACTERS.wait} waiting`,
  idle: `${CHARACTERS.idle} nothing recorded`,
};

/** Work too short for a cell of its own still shows where it was. */
const SHORT_WORK: BarRun = { text: "▏", kind: "work" };

const EMPTY: BarRun = { text: " " };

/** Work is drawn last: it must show even where it shares a cell with a wait. */
const ORDER: Readonly<Record<SegmentKind, number>> = { idle: 0, wait: 1, work: 2 };

/** Draws a row's bar. */
export function drawBar(segments: readonly Segment[], axis: TimeAxis): readonly BarRun[] {
  const { columns, columnOf } = axis;
  const cells = Array.from({ length: columns }, () => EMPTY);
  for (const { kind, fromUs, toUs } of segments.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind])) {
    if (kind === "idle" && columnOf(toUs) - columnOf(fromUs) < 1) continue; // too short to be worth a word
    const from = Math.round(columnOf(fromUs));
    const to = Math.round(columnOf(toUs));
    cells.fill({ text: CHARACTERS[kind], kind }, from, to);
    if (kind === "work" && to <= from) cells[Math.min(from, columns - 1)] = SHORT_WORK;
  }
  return joinRuns(cells);
}

function joinRuns(cells: readonly BarRun[]): readonly BarRun[] {
  const runs: BarRun[] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    if (last !== undefined && last.kind === cell.kind) {
      runs[runs.length - 1] = { ...last, text: last.text + cell.text };
    } else {
      runs.push(cell);
    }
  }
  return runs;
}
