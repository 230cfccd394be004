/**
 * What a span says: its times, its error, its tags.
 *
 * @module
 * @import { Row } from "./types.ts"
 */
import { html } from "htm/preact";
import { formatDuration } from "./format.js";
import { rows, shownRow } from "./state.js";

/** The details of the row that is looked at. */
export function SpanDetails() {
  const row = shownRow.value;
  if (row === undefined) {
    return html`<p id="span-hint" class="muted">${
      rows.value.length === 0
        ? "The spans of the email appear here."
        : "Select a span to see its tags."
    }</p>`;
  }
  const tags = Object.entries(row.tags).filter(([name]) => name !== "error");
  return html`
    <div id="span-details">
      <h3>${row.name}</h3>
      <p class="facts">${factsOf(row).join(" · ")}</p>
      ${row.error !== undefined && html`<p class="reason">✗ <bdi>${row.error}</bdi></p>`}
      ${row.correction !== undefined && html`<p class="facts">${row.correction}</p>`}
      <dl>${tags.map(([name, value]) =>
        html`
          <div key=${name}>
            <dt>${breakable(name)}</dt>
            <dd><bdi>${value}</bdi></dd>
          </div>
        `
      )}</dl>
    </div>
  `;
}

/** @param {Row} row */
function factsOf({ services, kinds, durationUs, fromUs }) {
  return [
    services.join(" → "),
    kinds.join(" + ").toLowerCase() || "no kind",
    durationUs === null ? "not finished" : formatDuration(durationUs),
    `after ${formatDuration(fromUs)}`,
  ];
}

/**
 * A tag's name, which may go on in the next line after a dot.
 *
 * @param {string} name
 */
function breakable(name) {
  return name.split(/(?<=\.)/).map((word) => html`${word}<wbr />`);
}
