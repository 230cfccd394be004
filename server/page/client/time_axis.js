/**
 * The time axis of the waterfall. Most of an email's time nobody works: the axis leaves long waits out, and says where.
 *
 * @module
 * @import { Row } from "./types.ts"
 */

/** A time without work is left out when it is longer than this part of all the work. */
const LONG_PART = 0.25;
/** How much of the axis a time that is left out still takes, as a part of all the work. */
const BREAK_PART = 0.15;

/**
 * @typedef {object} TimeAxis
 * @property {number} totalUs The length of the axis in time.
 * @property {(us: number) => number} at Where a time is, from 0 to 1.
 * @property {readonly { fromUs: number, toUs: number }[]} breaks What is left out.
 */

/**
 * Makes the axis for some rows.
 *
 * @param {readonly Row[]} rows The rows.
 * @returns {TimeAxis} The axis.
 */
export function createTimeAxis(rows) {
  const busy = union(rows.flatMap(workOf));
  const totalUs = rows.reduce(
    (end, { fromUs, durationUs }) => Math.max(end, fromUs + (durationUs ?? 0)),
    0,
  );
  const busyUs = busy.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const edges = [0, ...busy.flatMap(({ fromUs, toUs }) => [fromUs, toUs]), totalUs];
  const breaks = pairs(edges).filter(({ fromUs, toUs }) =>
    toUs - fromUs > busyUs * LONG_PART && busyUs > 0
  );
  const breakUs = busyUs * BREAK_PART;

  /** @param {number} us */
  const drawnUs = (us) =>
    breaks.reduce((drawn, { fromUs, toUs }) => {
      if (us <= fromUs) return drawn;
      const part = Math.min(1, (us - fromUs) / (toUs - fromUs));
      return drawn - part * (toUs - fromUs - breakUs);
    }, us);
  const drawnTotalUs = drawnUs(totalUs) || 1;
  return { totalUs, breaks, at: (us) => Math.min(1, Math.max(0, drawnUs(us) / drawnTotalUs)) };
}

/**
 * @param {Row} row
 * @returns {{ fromUs: number, toUs: number }[]}
 */
function workOf({ fromUs, durationUs, wait }) {
  const toUs = fromUs + (durationUs ?? 0);
  if (wait === undefined) return [{ fromUs, toUs }];
  return [{ fromUs, toUs: wait.fromUs }, { fromUs: wait.toUs, toUs }];
}

/**
 * @param {{ fromUs: number, toUs: number }[]} intervals
 * @returns {{ fromUs: number, toUs: number }[]}
 */
function union(intervals) {
  /** @type {{ fromUs: number, toUs: number }[]} */
  const merged = [];
  for (const { fromUs, toUs } of intervals.toSorted((a, b) => a.fromUs - b.fromUs)) {
    const last = merged.at(-1);
    if (last !== undefined && fromUs <= last.toUs) last.toUs = Math.max(last.toUs, toUs);
    else merged.push({ fromUs, toUs });
  }
  return merged;
}

/**
 * The times between the work: from each end to the next start.
 *
 * @param {number[]} edges
 */
function pairs(edges) {
  const found = [];
  for (let index = 0; index + 1 < edges.length; index += 2) {
    found.push({ fromUs: edges[index] ?? 0, toUs: edges[index + 1] ?? 0 });
  }
  return found;
}
