/** The scatter's axes: time across, durations up, by their logarithm. */
import { html } from "htm/preact";

/** The edges of the plot, in pixels. */
export const [LEFT, RIGHT, TOP, BOTTOM, HEIGHT] = [58, 14, 22, 276, 300];

/** The lines across, by their powers of ten, in milliseconds. */
const DECADES = ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s", "1000 s"];

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 7, 30, 365].map((days) => days * DAY_MS),
];

/** A label and some room. */
const TICK_WIDTH = 110;

/** @typedef {{ fromMs: number, toMs: number, width: number }} Scale The time across a picture, with its width in pixels. */

/** @param {number} ms @param {Scale} scale */
export function xOf(ms, { fromMs, toMs, width }) {
  return LEFT + (ms - fromMs) / (toMs - fromMs) * (width - LEFT - RIGHT);
}

/** @param {number} x @param {Scale} scale */
export function timeAt(x, { fromMs, toMs, width }) {
  const share = (x - LEFT) / (width - LEFT - RIGHT);
  return fromMs + Math.min(1, Math.max(0, share)) * (toMs - fromMs);
}

/** @param {number} durationMs */
export function yOf(durationMs) {
  const share = Math.log10(durationMs) / (DECADES.length - 1);
  return BOTTOM - Math.min(1, Math.max(0, share)) * (BOTTOM - TOP);
}

/** @param {{ scale: Scale }} props */
export function Axes({ scale }) {
  return html`
    <g aria-hidden="true">
      ${DECADES.map((label, power) => {
        const y = yOf(10 ** power);
        return html`
          <path class="grid" d=${`M${LEFT} ${y}H${scale.width - RIGHT}`} />
          <text x=${LEFT - 8} y=${y + 4} text-anchor="end">${label}</text>
        `;
      })}
      ${ticksOf(scale).map(({ x, label }) =>
        html`<text x=${x} y=${BOTTOM + 18} text-anchor="middle">${label}</text>`
      )}
    </g>
  `;
}

/** Round moments, in the person's time zone. @param {Scale} scale */
function ticksOf(scale) {
  const { fromMs, toMs, width } = scale;
  const most = (width - LEFT - RIGHT) / TICK_WIDTH;
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= most) ?? (toMs - fromMs) / most;
  const zoneMs = new Date(fromMs).getTimezoneOffset() * MINUTE_MS;
  const firstMs = Math.ceil((fromMs - zoneMs) / stepMs) * stepMs + zoneMs;
  const timeStyle = stepMs < MINUTE_MS ? "medium" : "short";
  const format = new Intl.DateTimeFormat(
    undefined,
    stepMs < DAY_MS ? { timeStyle } : { dateStyle: "short" },
  );
  return Array.from({ length: Math.floor((toMs - firstMs) / stepMs) + 1 }, (_, index) => {
    const ms = firstMs + index * stepMs;
    return { x: xOf(ms, scale), label: format.format(ms) };
  }).filter(({ x }) => x < width - RIGHT - 16);
}
