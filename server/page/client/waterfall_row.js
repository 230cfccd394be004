/**
 * One row of the waterfall: name, services, bar and duration of a span.
 *
 * @module
 * @import { Row } from "./types.ts"
 * @import { TimeAxis } from "./time_axis.js"
 */
import { html } from "htm/preact";
import { formatDuration } from "./format.js";
import { hoveredKey, shownRow } from "./state.js";

/**
 * A span.
 *
 * @param {{ row: Row, axis: TimeAxis, isStop: boolean }} props What it shows, where the times are, whether the tabulator key stops.
 */
export function WaterfallRow({ row, axis, isStop }) {
  const { key, name, services, durationUs, error, attempt, depth } = row;
  const choose = () => hoveredKey.value = key;
  return html`
    <li role="option" class=${error === undefined ? "row" : "row failed"} tabindex=${isStop
      ? 0
      : -1} data-key=${key}
      data-service=${services[0] ?? ""} aria-selected=${shownRow.value?.key === key
        ? "true"
        : "false"} style=${{ "--depth": depth }} onFocus=${choose}
      onPointerOver=${choose}>
      <span class="name">${error !== undefined && "✗ "}${name}${name === "emailer" &&
        attempt !== undefined && attempt > 1 &&
        html`<span class="attempt"> attempt ${attempt}</span>`}</span>
      <span class="service">${services.join(" → ")}</span>
      <${Track} row=${row} axis=${axis} />
      <span class="duration">${durationUs === null ? "…" : formatDuration(durationUs)}</span>
      ${error !== undefined && html`<span class="error"><bdi>${error}</bdi></span>`}
    </li>
  `;
}

/** @param {{ row: Row, axis: TimeAxis }} props */
function Track({ row: { fromUs, durationUs, wait }, axis }) {
  const toUs = fromUs + (durationUs ?? axis.totalUs - fromUs);
  /** @type {["work" | "wait", number, number][]} */
  const parts = wait === undefined ? [["work", fromUs, toUs]] : [
    ["work", fromUs, wait.fromUs],
    ["wait", wait.fromUs, wait.toUs],
    ["work", wait.toUs, toUs],
  ];
  // A span is drawn however short it is; a part of one that has no length is none.
  const shown = parts.filter(([, fromUs, toUs]) => wait === undefined || fromUs < toUs);
  return html`
    <span class="track" aria-hidden="true">
      ${shown.map(([kind, fromUs, toUs]) => bar(kind, fromUs, toUs, axis))}
      ${axis.breaks.map(({ fromUs, toUs }) => bar("break", fromUs, toUs, axis))}
    </span>
  `;
}

/**
 * @param {"work" | "wait" | "break"} kind
 * @param {number} fromUs
 * @param {number} toUs
 * @param {TimeAxis} axis
 */
function bar(kind, fromUs, toUs, { at }) {
  const style = { left: `${at(fromUs) * 100}%`, width: `${(at(toUs) - at(fromUs)) * 100}%` };
  return html`<span class=${`bar ${kind}`} style=${style}></span>`;
}
