import { placeOf } from "./drawing.js";
import { type Interval, lengthOf, unionOf, without } from "./interval.ts";
import type { Waterfall } from "./layout.ts";

/** Where moments lie on a line. Places are from 0 to 1, times from the start of the picture. */
export interface TimeAxis {
  /** How much time there is from 0 to 1. */
  readonly totalUs: number;
  /** The time that is left out, in order of time. */
  readonly cuts: readonly Cut[];
  /** Times and their places; between two of them, time passes evenly. */
  readonly points: readonly (readonly [us: number, place: number])[];
}

/** A time that is left out. */
interface Cut extends Interval {
  /** About how long it is, in few characters: `30 s`. */
  readonly label: string;
}

/** An idle time is cut when it is longer than this share of all work. */
const CUT_WORK_PART = 1 / 4;
/** A cut is as wide as the logarithm of its length: 1 s, 5 s, 30 s and 2 min look different. */
const cutWidth = (cut: Interval) => 0.035 + 0.02 * Math.log2(1 + lengthOf(cut) / 1e6);
/** All cuts together take at most this; more are scaled down. */
const MAX_CUTS_WIDTH = 0.45;

/** The linear axis. */
export function trueAxis({ totalUs }: Pick<Waterfall, "totalUs">): TimeAxis {
  return { totalUs, cuts: [], points: [[0, 0], [totalUs, 1]] };
}

/**
 * The axis on which all work has one scale, and long idle times are cut: otherwise the seconds until the next poll would squeeze
 * milliseconds of work into a line. `undefined` without such times.
 */
export function compressedAxis(
  { rows, totalUs }: Pick<Waterfall, "rows" | "totalUs">,
): TimeAxis | undefined {
  const isWork = (kind: string) => kind === "own" || kind === "child";
  const work = rows.flatMap(({ segments }) => segments.filter(({ kind }) => isWork(kind)));
  const workUs = lengthOf(...unionOf(work));
  const cuts = without({ fromUs: 0, toUs: totalUs }, work)
    .filter((gap) => lengthOf(gap) > workUs * CUT_WORK_PART)
    .map((gap): Cut => ({ ...gap, label: roughly(lengthOf(gap)) }));
  if (cuts.length === 0 || workUs === 0) return undefined;
  const widthOfAll = cuts.reduce((sum, cut) => sum + cutWidth(cut), 0);
  const shrink = Math.min(1, MAX_CUTS_WIDTH / widthOfAll);
  const placePerUs = (1 - widthOfAll * shrink) / (totalUs - lengthOf(...cuts));
  const points: [number, number][] = [[0, 0]];
  let place = 0;
  let reachedUs = 0;
  for (const cut of cuts) {
    place += (cut.fromUs - reachedUs) * placePerUs;
    points.push([cut.fromUs, place]);
    place += cutWidth(cut) * shrink;
    points.push([cut.toUs, place]);
    reachedUs = cut.toUs;
  }
  points.push([totalUs, 1]);
  return { totalUs, cuts, points };
}

/**
 * The labelled moments of an axis, given a label's share of the width: the end, the start of each burst of work, and round values
 * within the first. Each label is right of its mark, the last one left of it; one that would touch another is dropped.
 */
export function ticksOf(axis: TimeAxis, labelWidth: number): readonly number[] {
  const { totalUs, cuts } = axis;
  const burstsUs = [0, ...cuts.map(({ toUs }) => toUs)];
  const firstUs = cuts[0]?.fromUs ?? totalUs;
  const stepCount = Math.max(1, Math.floor(placeOf(axis, firstUs) / labelWidth));
  const stepUs = firstUs === 0 ? Infinity : roundUp(firstUs / stepCount);
  const kept: number[] = [];
  const rounds = Array.from({ length: stepCount }, (_, n) => n * stepUs);
  for (const us of [...burstsUs, ...rounds.filter((us) => us <= firstUs)]) {
    const place = placeOf(axis, us);
    const isFree = kept.every((other) => Math.abs(placeOf(axis, other) - place) >= labelWidth);
    if (us < totalUs && isFree && place + 2 * labelWidth <= 1) kept.push(us);
  }
  return [...new Set([0, ...kept, totalUs])].sort((a, b) => a - b);
}

/** The next of 1, 2, 5, 10, … that is not less. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((factor) => factor * power >= value) ?? 10);
}

/** A duration, if possible without decimals: a cut is narrow, and its ends are labelled. */
function roughly(us: number): string {
  const units = [["h", 3_600e6], ["min", 60e6], ["s", 1e6], ["ms", 1e3]] as const;
  const [unit, unitUs] = units.find(([, unitUs]) => us >= unitUs * 0.995) ?? ["µs", 1];
  const amount = us / unitUs;
  return `${amount < 9.5 ? Math.round(amount * 10) / 10 : Math.round(amount)} ${unit}`;
}
