import { gapsBetween, type Interval, type Waterfall } from "@playground/shared/waterfall";

/** Where moments lie on a terminal's line. */
export interface TimeAxis {
  readonly columns: number;
  readonly totalUs: number;
  /** Where time is left out; `column` is in the middle of what is left of the stretch. */
  readonly cuts: readonly { readonly column: number; readonly leftOutUs: number }[];
  /** A fraction from 0 to `columns`, for a moment in microseconds from the start of the picture. */
  readonly columnOf: (us: number) => number;
}

interface ShortenedGap extends Interval {
  readonly shownUs: number;
}

/** A stretch is cut when it is this many times as long as all the work. */
const LONGEST_UNCUT_GAP = 3;

/**
 * Makes the time axis of a picture. A stretch without work, such as the seconds until the next poll, is shortened to the length
 * of all the work together when it is several times longer: one scale would squeeze the work, some milliseconds, into a single
 * column.
 */
export function layOutAxis({ rows, totalUs }: Waterfall, columns: number): TimeAxis {
  const work = rows.flatMap(({ segments }) => segments.filter(({ kind }) => kind === "work"));
  const gaps = gapsBetween(work);
  const workUs = totalUs - gaps.reduce((sum, gap) => sum + lengthOf(gap), 0);
  const shortened = gaps
    .filter((gap) => lengthOf(gap) > workUs * LONGEST_UNCUT_GAP && workUs > 0)
    .map((gap): ShortenedGap => ({ ...gap, shownUs: workUs }));
  const shownTotalUs = shownUntil(totalUs, shortened);
  const columnOf = (us: number) =>
    shownTotalUs === 0 ? 0 : (shownUntil(us, shortened) / shownTotalUs) * columns;
  return {
    columns,
    totalUs,
    columnOf,
    cuts: shortened.map((gap) => ({
      column: Math.floor((columnOf(gap.fromUs) + columnOf(gap.toUs)) / 2),
      leftOutUs: lengthOf(gap) - gap.shownUs,
    })),
  };
}

/** How much of the time until a moment is shown. */
function shownUntil(us: number, gaps: readonly ShortenedGap[]): number {
  return gaps.reduce((shownUs, gap) => {
    const withinUs = Math.min(Math.max(us - gap.fromUs, 0), lengthOf(gap));
    return shownUs - withinUs * (1 - gap.shownUs / lengthOf(gap));
  }, us);
}

function lengthOf({ fromUs, toUs }: Interval): number {
  return toUs - fromUs;
}
