/**
 * Functions that run in the browser as well: the page loads this module unchanged, so it is plain JavaScript. Its types are in
 * comments, and checked.
 *
 * ```ts
 * import { formatDuration } from "@playground/shared/waterfall/drawing";
 *
 * console.log(formatDuration(1_320_000)); // 1.32 s
 * ```
 *
 * @module
 */

/**
 * Writes a duration for people, in at most eight characters: `850 µs`, `1.2 ms`, `44 ms`, `1.32 s`, `12.4 s`, `2m 05s`, `3h 20m`,
 * `12 d`.
 *
 * @param {number} durationUs Microseconds; not negative.
 * @returns {string} The number with its unit.
 */
export function formatDuration(durationUs) {
  const milliseconds = durationUs / 1_000;
  const seconds = durationUs / 1_000_000;
  // Each limit is where rounding would carry into the next unit.
  if (durationUs < 999.5) return `${Math.round(durationUs)} µs`;
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 3_599.5) return twoUnits(Math.round(seconds), "m", "s");
  if (seconds < 359_970) return twoUnits(Math.round(seconds / 60), "h", "m");
  return `${Math.round(seconds / 86_400)} d`;
}

/**
 * Writes a duration without zeros behind the point: `5 s` instead of `5.00 s`.
 *
 * @param {number} durationUs Microseconds; not negative.
 * @returns {string} The number with its unit.
 */
export function formatRound(durationUs) {
  return formatDuration(durationUs).replace(/\.0+(?= )/, "");
}

/**
 * @param {number} amount
 * @param {string} large
 * @param {string} small
 */
function twoUnits(amount, large, small) {
  return `${Math.floor(amount / 60)}${large} ${String(amount % 60).padStart(2, "0")}${small}`;
}

/**
 * Moments and their places, from 0 to 1; between two of them time passes evenly.
 *
 * @typedef {readonly (readonly [us: number, place: number])[]} ScalePoints
 */

/**
 * The place of a moment on a time axis.
 *
 * @param {{ readonly points: ScalePoints }} axis The axis.
 * @param {number} us Microseconds from its start.
 * @returns {number} From 0 to 1; before the axis and beyond it, its end.
 */
export function placeOf({ points }, us) {
  return interpolate(points, us, 0, 1);
}

/**
 * The moment at a place of a time axis.
 *
 * @param {{ readonly points: ScalePoints }} axis The axis.
 * @param {number} place From 0 to 1.
 * @returns {number} Microseconds from its start.
 */
export function momentOf({ points }, place) {
  return interpolate(points, place, 1, 0);
}

/**
 * @param {ScalePoints} points
 * @param {number} value
 * @param {0 | 1} from
 * @param {0 | 1} to
 */
function interpolate(points, value, from, to) {
  const next = points.findIndex((point) => point[from] >= value);
  const right = points[next] ?? points.at(-1) ?? [0, 0];
  const left = points[next - 1] ?? right;
  const length = right[from] - left[from];
  if (length <= 0) return right[to];
  return left[to] + (value - left[from]) / length * (right[to] - left[to]);
}
