/**
 * The waterfall: each span of the email's traces a row, with its bar on the time axis.
 *
 * @module
 * @import { Row } from "./types.ts"
 * @import { TimeAxis } from "./time_axis.js"
 */
import { html } from "htm/preact";
import { formatCount, formatDuration } from "./format.js";
import { hoveredKey, rows, shownRow, trace } from "./state.js";
import { createTimeAxis } from "./time_axis.js";
import { WaterfallRow } from "./waterfall_row.js";

/** The card with the rows of the email that is shown. */
export function Waterfall() {
  const axis = createTimeAxis(rows.value);
  return html`
    <div class="section-head">
      <h2 id="waterfall-title">Waterfall</h2>
      <p id="waterfall-scale" class="muted">${scaleText(axis)}</p>
    </div>
    <ul id="waterfall" role="listbox" aria-labelledby="waterfall-title" hidden=${rows.value
      .length === 0}
      onKeyDown=${walk}>
      ${rows.value.map((row, index) =>
        html`
          ${isCrossing(index) && html`<${Crossing} key="crossing" />`}
          <${WaterfallRow} key=${row.key} row=${row} axis=${axis} isStop=${isStop(row, index)} />
        `
      )}
    </ul>
  `;
}

/** The place where the trace went through SMTP: what follows is another trace, that of the poll. */
function Crossing() {
  return html`
    <li class="crossing"
      role="presentation">✉ carried through SMTP in the mail’s headers: the poll’s own trace</li>
  `;
}

/** @param {number} index */
function isCrossing(index) {
  const [own] = rows.value;
  return index === rows.value.findIndex(({ traceId }) => traceId !== own?.traceId);
}

/**
 * Whether the tabulator key stops here. It stops once; the arrow keys go on from there.
 *
 * @param {Row} row
 * @param {number} index
 */
function isStop({ key }, index) {
  return shownRow.value === undefined ? index === 0 : shownRow.value.key === key;
}

/** @param {TimeAxis} axis */
function scaleText({ totalUs, breaks }) {
  if (rows.value.length === 0) return "";
  const leftOutUs = breaks.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const count = formatCount(rows.value.length, trace.value?.omittedSpanCount ?? 0);
  const leftOut = leftOutUs > 0
    ? `; the time axis leaves out ${formatDuration(leftOutUs)} of waiting, at ≈`
    : "";
  return `${count} in ${formatDuration(totalUs)}${leftOut}`;
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const index = rows.value.findIndex(({ key }) => key === shownRow.value?.key);
  const target = targetOfKey(event.key, index);
  if (target === undefined) return;
  event.preventDefault();
  hoveredKey.value = target.key;
  const row = document.querySelector(`.row[data-key="${CSS.escape(target.key)}"]`);
  if (row instanceof HTMLElement) row.focus();
}

/**
 * @param {string} key
 * @param {number} index
 */
function targetOfKey(key, index) {
  switch (key) {
    case "ArrowDown":
      return rows.value[Math.min(index + 1, rows.value.length - 1)];
    case "ArrowUp":
      return rows.value[Math.max(index - 1, 0)];
    case "Home":
      return rows.value[0];
    case "End":
      return rows.value.at(-1);
    default:
      return undefined;
  }
}
