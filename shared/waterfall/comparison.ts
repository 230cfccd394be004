import { formatDuration } from "./drawing.js";
import { lengthOf } from "./interval.ts";
import type { Waterfall, WaterfallRow } from "./layout.ts";
import { compressedAxis, type TimeAxis, trueAxis } from "./time_axis.ts";
import { type TimeShare, timeSpent } from "./time_spent.ts";

/** A span of both traces, or of one of them. */
export interface ComparedRow {
  readonly name: string;
  readonly depth: number;
  /** `new` is only in the left trace, `missing` only in the right one. */
  readonly status: "new" | "missing" | "slower" | "faster" | "same";
  /** What differs, in words: `190 ms slower, 2.0 ms of it its own work; waits 2.09 s longer`. Empty if nothing does. */
  readonly difference: string;
  readonly left?: WaterfallRow;
  readonly right?: WaterfallRow;
}

/** A share of the critical path in both traces; in microseconds. */
export interface ComparedShare extends Omit<TimeShare, "us"> {
  readonly leftUs: number;
  readonly rightUs: number;
}

/** Two traces side by side, from the left one's view: `slower` means that the left one is slower. */
export interface Comparison {
  readonly summary: string;
  /** The rows of the left trace, with those that are missing in it at their places. */
  readonly rows: readonly ComparedRow[];
  /** The largest differences in words, the largest first. Where a child is slower, its row says so, not its parent's. */
  readonly differences: readonly string[];
  /** Where the time of the critical paths went, the largest difference first. */
  readonly shares: readonly ComparedShare[];
  readonly trueAxis: TimeAxis;
  /** The axis without the times in which neither works; absent if there are none. */
  readonly compressedAxis?: TimeAxis | undefined;
}

/** A smaller difference is chance. */
const LEAST_US = 1_000;
const LEAST_PART = 0.1;
const MAX_DIFFERENCES = 5;

/**
 * Compares two traces. Spans are matched by their names and places in the tree; what is left over, by name and order: an email
 * that was sent at its fourth attempt was archived as well.
 */
export function compareWaterfalls(left: Waterfall, right: Waterfall): Comparison {
  const rows = merge(left.rows, right.rows);
  const both = {
    rows: [...left.rows, ...right.rows],
    totalUs: Math.max(left.totalUs, right.totalUs),
  };
  const countOf = (status: ComparedRow["status"]) => {
    const count = rows.filter((row) => row.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  };
  const counts = (["new", "missing", "slower", "faster"] as const).flatMap(countOf);
  const total = [
    `${formatDuration(left.totalUs)}, ${formatDuration(right.totalUs)} in the other`,
    ...wordsOf(left.totalUs - right.totalUs, right.totalUs, "slower", "faster"),
  ].join("; ");
  return {
    summary: `${total}. Spans: ${counts.join(", ") || "no difference"}.`,
    rows,
    differences: rows.filter(({ difference }) => difference !== "")
      .toSorted((a, b) => Math.abs(ownChange(b)) - Math.abs(ownChange(a)))
      .slice(0, MAX_DIFFERENCES).map(sentence),
    shares: compareShares(timeSpent(left), timeSpent(right)),
    trueAxis: trueAxis(both),
    compressedAxis: compressedAxis(both),
  };
}

function merge(
  lefts: readonly WaterfallRow[],
  rights: readonly WaterfallRow[],
): readonly ComparedRow[] {
  const matches = matchesOf(lefts, rights);
  const leftOf = new Map([...matches].map(([left, right]) => [right, left]));
  /** The rows without a match, by the row of the left trace that they follow. */
  const missing = new Map<WaterfallRow | undefined, WaterfallRow[]>();
  let last: WaterfallRow | undefined;
  for (const right of rights) {
    const left = leftOf.get(right);
    if (left !== undefined) last = left;
    else {
      // A tree of its own does not interrupt another one.
      if (right.depth === 0) last = lefts.at(-1);
      missing.getOrInsertComputed(last, () => []).push(right);
    }
  }
  const missingAfter = (left?: WaterfallRow) =>
    (missing.get(left) ?? []).map((right) => compared(undefined, right));
  return [
    ...missingAfter(),
    ...lefts.flatMap((left) => [compared(left, matches.get(left)), ...missingAfter(left)]),
  ];
}

/** The rows of the right trace by their matches in the left one. */
function matchesOf(
  lefts: readonly WaterfallRow[],
  rights: readonly WaterfallRow[],
): ReadonlyMap<WaterfallRow, WaterfallRow> {
  const matches = new Map<WaterfallRow, WaterfallRow>();
  const match = (keysOf: (rows: readonly WaterfallRow[]) => readonly string[]) => {
    const taken = new Set(matches.values());
    const openRights = rights.filter((row) => !taken.has(row));
    const openLefts = lefts.filter((row) => !matches.has(row));
    const byKey = new Map(keysOf(openRights).map((key, index) => [key, openRights[index]]));
    for (const [index, key] of keysOf(openLefts).entries()) {
      const [left, right] = [openLefts[index], byKey.get(key)];
      if (left !== undefined && right !== undefined) matches.set(left, right);
    }
  };
  const places = new Map<string, number>();
  match((rows) => placesOf(rows, places));
  match((rows) => numbered(rows.map(({ row }) => row.name)));
  return matches;
}

/** The place of each row: that of its parent, its name, and its number among the siblings of that name. */
function placesOf(rows: readonly WaterfallRow[], places: Map<string, number>): readonly string[] {
  const counts = new Map<string, number>();
  const own: number[] = [];
  return rows.map(({ row: { name }, parentIndex = -1 }) => {
    const key = nextOf(`${own[parentIndex] ?? ""} ${name}`, counts);
    own.push(places.getOrInsert(key, places.size));
    return key;
  });
}

function numbered(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return names.map((name) => nextOf(name, counts));
}

function nextOf(name: string, counts: Map<string, number>): string {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return `${count} ${name}`;
}

function compared(left: WaterfallRow | undefined, right: WaterfallRow | undefined): ComparedRow {
  const { row, depth } = left ?? right ?? {};
  const facts = { name: row?.name ?? "", depth: depth ?? 0 };
  if (right === undefined) return { ...facts, left, status: "new", difference: "new" };
  if (left === undefined) return { ...facts, right, status: "missing", difference: "missing" };
  const workUs = workOf(left) - workOf(right);
  const ownUs = left.ownUs - right.ownUs;
  const work = wordsOf(workUs, workOf(right), "slower", "faster");
  const ownPart = Math.abs(workUs - ownUs) < LEAST_US
    ? ""
    : `, ${ownUs * workUs > 0 ? formatDuration(Math.abs(ownUs)) : "none"} of it its own work`;
  const wait = wordsOf(waitOf(left) - waitOf(right), waitOf(right), "longer", "less");
  const hasFailed = left.row.error !== undefined;
  return {
    ...facts,
    left,
    right,
    status: work.length === 0 ? "same" : workUs > 0 ? "slower" : "faster",
    difference: [
      ...work.map((words) => words + ownPart),
      ...wait.map((words) => `waits ${words}`),
      ...hasFailed === (right.row.error !== undefined)
        ? []
        : [hasFailed ? "failed" : "failed in the other"],
    ].join("; "),
  };
}

/** A difference in words, if it matters. */
function wordsOf(us: number, otherUs: number, more: string, less: string): readonly string[] {
  const size = Math.abs(us);
  if (size < LEAST_US || size < otherUs * LEAST_PART) return [];
  return [`${formatDuration(size)} ${us > 0 ? more : less}`];
}

function workOf(row: WaterfallRow): number {
  return (row.durationUs ?? 0) - waitOf(row);
}

function waitOf({ wait }: WaterfallRow): number {
  return wait === undefined ? 0 : lengthOf(wait);
}

/** What the row itself adds to the difference: its own work and its wait. */
function ownChange({ left, right }: ComparedRow): number {
  const own = (row: WaterfallRow | undefined) => row === undefined ? 0 : row.ownUs + waitOf(row);
  return own(left) - own(right);
}

function sentence({ name, left, right, difference }: ComparedRow): string {
  const took = ({ durationUs }: WaterfallRow) =>
    durationUs === undefined ? "not finished" : formatDuration(durationUs);
  if (left === undefined) return `${name}: missing; ${right && took(right)} in the other`;
  if (right === undefined) return `${name}: new; ${took(left)}`;
  return `${name}: ${took(left)}, ${took(right)} in the other; ${difference}`;
}

function compareShares(
  lefts: readonly TimeShare[],
  rights: readonly TimeShare[],
): readonly ComparedShare[] {
  const shares = new Map<string, ComparedShare>();
  const add = ({ us, ...share }: TimeShare, side: "leftUs" | "rightUs") => {
    const key = `${share.service} ${share.what}`;
    shares.set(key, { leftUs: 0, rightUs: 0, ...share, ...shares.get(key), [side]: us });
  };
  for (const share of lefts) add(share, "leftUs");
  for (const share of rights) add(share, "rightUs");
  const change = ({ leftUs, rightUs }: ComparedShare) => Math.abs(leftUs - rightUs);
  return [...shares.values()].toSorted((a, b) => change(b) - change(a));
}
