/**
 * One row of the waterfall: name, services, bar and duration of a span.
 *
 * @module
 * @import { Row } from "./types.ts"
 * @import { TimeAxis } from "./time_axis.js"
 */
import { element } from "./dom.js";
import { formatDuration } from "./format.js";

/**
 * Makes a row that shows nothing yet.
 *
 * @param {string} key Identifies it.
 * @returns {HTMLElement} The row.
 */
export function createRow(key) {
  return element("li", { role: "option", class: "row", tabindex: "-1", "data-key": key });
}

/**
 * Shows a span.
 *
 * @param {HTMLElement} item The row.
 * @param {Row} row What it shows.
 * @param {TimeAxis} axis Where the times are.
 */
export function fillRow(item, row, axis) {
  const [service = ""] = row.services;
  item.dataset.service = service;
  item.style.setProperty("--depth", String(row.depth));
  item.classList.toggle("failed", row.error !== undefined);
  const name = element(
    "span",
    { class: "name" },
    `${row.error === undefined ? "" : "✗ "}${row.name}`,
  );
  if (row.name === "emailer" && row.attempt !== undefined && row.attempt > 1) {
    name.append(element("span", { class: "attempt" }, ` attempt ${row.attempt}`));
  }
  const duration = row.durationUs === null ? "…" : formatDuration(row.durationUs);
  item.replaceChildren(
    name,
    element("span", { class: "service" }, row.services.join(" → ")),
    track(row, axis),
    element("span", { class: "duration" }, duration),
    ...(row.error === undefined ? [] : [element("span", { class: "error" }, row.error)]),
  );
}

/**
 * @param {Row} row
 * @param {TimeAxis} axis
 */
function track({ fromUs, durationUs, wait }, axis) {
  const toUs = fromUs + (durationUs ?? axis.totalUs - fromUs);
  /** @type {["work" | "wait", number, number][]} */
  const parts = wait === undefined ? [["work", fromUs, toUs]] : [
    ["work", fromUs, wait.fromUs],
    ["wait", wait.fromUs, wait.toUs],
    ["work", wait.toUs, toUs],
  ];
  return element(
    "span",
    { class: "track", "aria-hidden": "true" },
    ...parts
      // A span is drawn however short it is; a part of one that has no length is none.
      .filter(([, fromUs, toUs]) => wait === undefined || fromUs < toUs)
      .map(([kind, fromUs, toUs]) => bar(kind, fromUs, toUs, axis)),
    ...axis.breaks.map(({ fromUs, toUs }) => bar("break", fromUs, toUs, axis)),
  );
}

/**
 * @param {"work" | "wait" | "break"} kind
 * @param {number} fromUs
 * @param {number} toUs
 * @param {TimeAxis} axis
 */
function bar(kind, fromUs, toUs, { at }) {
  const made = element("span", { class: `bar ${kind}` });
  made.style.left = `${at(fromUs) * 100}%`;
  made.style.width = `${(at(toUs) - at(fromUs)) * 100}%`;
  return made;
}
