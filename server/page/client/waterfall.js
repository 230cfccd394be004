/**
 * The waterfall: each span of the email's traces a row, with its bar on the time axis. The row under the pointer, or with the focus,
 * shows its tags.
 *
 * @module
 * @import { Row } from "./types.ts"
 * @import { TimeAxis } from "./time_axis.js"
 */
import { arrange, element, part, setText } from "./dom.js";
import { formatCount, formatDuration } from "./format.js";
import { createTimeAxis } from "./time_axis.js";
import { createRow, fillRow } from "./waterfall_row.js";

const list = part("waterfall", HTMLElement);
const scale = part("waterfall-scale", HTMLElement);
const details = part("span-details", HTMLElement);
const hint = part("span-hint", HTMLElement);

const NO_ROWS = "The spans of the email appear here.";
const HINT = "Select a span to see its tags.";

/** @type {Map<string, HTMLElement>} */
let elements = new Map();
/** @type {readonly Row[]} */
let rows = [];
/** @type {string | undefined} */
let chosenKey;
/** @type {(rowKey: string | undefined) => void} */
let onChoose = () => {};

/**
 * Begins to react to the pointer and to the keyboard.
 *
 * @param {(rowKey: string | undefined) => void} chooseRow Told which row is looked at.
 */
export function startWaterfall(chooseRow) {
  onChoose = chooseRow;
  list.addEventListener("focusin", (event) => chooseElement(event.target));
  list.addEventListener("pointerover", (event) => chooseElement(event.target));
  list.addEventListener("keydown", (event) => {
    const target = targetOfKey(event.key);
    if (target === undefined) return;
    event.preventDefault();
    elements.get(target.key)?.focus();
  });
}

/**
 * Shows rows.
 *
 * @param {readonly Row[]} newRows From top to bottom.
 * @param {number} [omittedCount] How many more spans there are.
 */
export function showWaterfall(newRows, omittedCount = 0) {
  rows = newRows;
  const axis = createTimeAxis(rows);
  const ownTraceId = rows[0]?.traceId;
  let isOther = false;
  elements = new Map(rows.map((row) => [row.key, elements.get(row.key) ?? createRow(row.key)]));
  const children = rows.flatMap((row) => {
    const item = elements.get(row.key);
    if (item === undefined) return [];
    fillRow(item, row, axis);
    if (isOther || row.traceId === ownTraceId) return [item];
    isOther = true;
    return [crossing(), item];
  });
  arrange(list, children);
  list.hidden = rows.length === 0;
  showScale(axis, omittedCount);
  if (chosenKey !== undefined && !elements.has(chosenKey)) chosenKey = undefined;
  markChosen();
}

/** The place where the trace went through SMTP: what follows is another trace, that of the poll. */
function crossing() {
  const id = "smtp-crossing";
  const there = document.getElementById(id);
  return there ?? element(
    "li",
    { id, class: "crossing", role: "presentation" },
    "✉ carried through SMTP in the mail’s headers: the poll’s own trace",
  );
}

/**
 * @param {TimeAxis} axis
 * @param {number} omittedCount
 */
function showScale({ totalUs, breaks }, omittedCount) {
  const leftOutUs = breaks.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const parts = rows.length === 0 ? [] : [
    `${formatCount(rows.length, omittedCount)} in ${formatDuration(totalUs)}`,
    ...(leftOutUs > 0
      ? [`the time axis leaves out ${formatDuration(leftOutUs)} of waiting, at ≈`]
      : []),
  ];
  setText(scale, parts.join("; "));
}

/** @param {EventTarget | null} target */
function chooseElement(target) {
  const item = target instanceof Element ? target.closest(".row") : null;
  if (!(item instanceof HTMLElement) || item.dataset.key === chosenKey) return;
  chosenKey = item.dataset.key;
  markChosen();
}

function markChosen() {
  const chosen = rows.find(({ key }) => key === chosenKey);
  // One stop for the tabulator key; the arrow keys go on from there.
  const stop = chosen ?? rows[0];
  for (const [key, item] of elements) {
    item.setAttribute("aria-selected", String(key === chosenKey));
    item.tabIndex = key === stop?.key ? 0 : -1;
  }
  hint.hidden = chosen !== undefined;
  setText(hint, rows.length === 0 ? NO_ROWS : HINT);
  details.hidden = chosen === undefined;
  if (chosen !== undefined) showDetails(chosen);
  onChoose(chosen?.key);
}

/** @param {Row} row */
function showDetails(row) {
  const facts = [
    row.services.join(" → "),
    row.kinds.join(" + ").toLowerCase() || "no kind",
    row.durationUs === null ? "not finished" : formatDuration(row.durationUs),
    `after ${formatDuration(row.fromUs)}`,
  ];
  details.replaceChildren(
    element("h3", {}, row.name),
    element("p", { class: "facts" }, facts.join(" · ")),
    ...(row.error === undefined ? [] : [element("p", { class: "reason" }, `✗ ${row.error}`)]),
    ...(row.correction === undefined ? [] : [element("p", { class: "facts" }, row.correction)]),
    element(
      "dl",
      {},
      ...Object.entries(row.tags).filter(([name]) => name !== "error").map(([name, value]) =>
        element("div", {}, element("dt", {}, ...breakable(name)), element("dd", {}, value))
      ),
    ),
  );
}

/**
 * A tag's name, which may go on in the next line after a dot.
 *
 * @param {string} name
 * @returns {(Node | string)[]}
 */
function breakable(name) {
  return name.split(/(?<=\.)/).flatMap((word) => [word, element("wbr")]);
}

/** @param {string} key */
function targetOfKey(key) {
  const index = rows.findIndex(({ key }) => key === chosenKey);
  switch (key) {
    case "ArrowDown":
      return rows[Math.min(index + 1, rows.length - 1)];
    case "ArrowUp":
      return rows[Math.max(index - 1, 0)];
    case "Home":
      return rows[0];
    case "End":
      return rows.at(-1);
    default:
      return undefined;
  }
}
