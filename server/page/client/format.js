/** Numbers and times in words. */
import { formatDuration } from "@playground/shared/waterfall/drawing";

export { formatDuration };

/**
 * How long a hop took, by clocks with millisecond precision: `< 1 ms`, else as {@linkcode formatDuration}.
 *
 * @param {number} durationUs Microseconds; not negative.
 */
export function formatWay(durationUs) {
  return durationUs === 0 ? "< 1 ms" : formatDuration(durationUs);
}

/** A time that is counting, in steps that an eye can follow: `12.3 s`, `2m 05s`. @param {number} milliseconds */
export function formatCounting(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return formatDuration(Math.round(seconds) * 1_000_000);
}

/** A remaining wait in whole seconds: `12 s`, `2m 05s`. @param {number} milliseconds */
export function formatCountdown(milliseconds) {
  const seconds = Math.ceil(Math.max(0, milliseconds) / 1_000);
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000_000);
}

/** A size: `812 bytes`, `1.4 kB`. @param {number} bytes */
export function formatSize(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 999_950 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The time of day, with the date where it is not today. @param {string | number | Date} when Text that is not a time stays. */
export function formatTime(when) {
  const time = new Date(when);
  if (Number.isNaN(time.getTime())) return String(when);
  return time.toDateString() === new Date().toDateString()
    ? time.toLocaleTimeString()
    : time.toLocaleString();
}

/** Keeps foreign text from rearranging its surroundings, where a `bdi` element is impossible. @param {string} text */
export function isolate(text) {
  return `\u2068${text.replaceAll(/[\u2066-\u2069]/g, "")}\u2069`;
}

/** @param {string} text */
export function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The beginning of a text, where no style can cut it off. @param {string} text @param {number} maxLength In letters. */
export function shortened(text, maxLength) {
  const letters = [...text];
  return letters.length > maxLength ? `${letters.slice(0, maxLength - 1).join("")}…` : text;
}

/** A number of things: `1 call`, `10,000 emails`. @param {number} number @param {string} what */
export function countOf(number, what) {
  return `${number.toLocaleString()} ${what}${number === 1 ? "" : "s"}`;
}

/** `9 spans`, `1,000 spans and 345 more`. @param {number} shownCount @param {number} omittedCount */
export function formatCount(shownCount, omittedCount) {
  const rest = omittedCount > 0 ? ` and ${omittedCount.toLocaleString()} more` : "";
  return countOf(shownCount, "span") + rest;
}
