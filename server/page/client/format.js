/**
 * Numbers and times in words.
 *
 * @module
 */

import { formatDuration } from "@playground/shared/waterfall/drawing";

export { formatDuration };

/**
 * Writes how long a hop took, by clocks with millisecond precision: `< 1 ms`, else as {@linkcode formatDuration}.
 *
 * @param {number} durationUs Microseconds; not negative.
 * @returns {string} The number with its unit.
 */
export function formatWay(durationUs) {
  return durationUs === 0 ? "< 1 ms" : formatDuration(durationUs);
}

/**
 * Writes a time that is counting, in steps that an eye can follow: `12.3 s`, `2m 05s`.
 *
 * @param {number} milliseconds How long; a negative time, from a clock that is slightly off, counts as 0.
 * @returns {string} The number with its unit.
 */
export function formatCounting(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return formatDuration(Math.round(seconds) * 1_000_000);
}

/**
 * Writes a remaining wait in whole seconds: `12 s`, `2m 05s`.
 *
 * @param {number} milliseconds How long.
 * @returns {string} The number with its unit.
 */
export function formatCountdown(milliseconds) {
  const seconds = Math.ceil(Math.max(0, milliseconds) / 1_000);
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000_000);
}

/**
 * Writes a size: `812 bytes`, `1.4 kB`.
 *
 * @param {number} bytes The size.
 * @returns {string} The number with its unit.
 */
export function formatSize(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 999_950 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Writes the time of day, with the date where it is not today.
 *
 * @param {string} iso An ISO time.
 * @returns {string} In the person's locale.
 */
export function formatTime(iso) {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return time.toDateString() === new Date().toDateString()
    ? time.toLocaleTimeString()
    : time.toLocaleString();
}

/**
 * Keeps foreign text from rearranging its surroundings, where a `bdi` element is impossible.
 *
 * @param {string} text The text.
 * @returns {string} The same between Unicode's isolates.
 */
export function isolate(text) {
  return `\u2068${text.replaceAll(/[\u2066-\u2069]/g, "")}\u2069`;
}

/**
 * Writes how many spans there are: `9 spans`, `1000 spans and 345 more`.
 *
 * @param {number} shownCount How many are shown.
 * @param {number} omittedCount How many are not.
 * @returns {string} The words.
 */
export function formatCount(shownCount, omittedCount) {
  return `${shownCount} spans${omittedCount > 0 ? ` and ${omittedCount} more` : ""}`;
}

/**
 * Writes how many emails there are: `1 email`, `10,000 emails`.
 *
 * @param {number} count How many.
 * @returns {string} The words.
 */
export function formatEmailCount(count) {
  return `${count.toLocaleString()} ${count === 1 ? "email" : "emails"}`;
}
