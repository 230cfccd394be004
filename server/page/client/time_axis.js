/**
 * The time axis of the waterfall. The server lays it out, once linear, once with long waits cut.
 *
 * @import { ReadonlySignal, Signal } from "@preact/signals"
 * @import { Row, TimeAxis } from "./types.ts"
 */
import { formatRound, placeOf } from "@playground/shared/waterfall/drawing";
import { computed, signal } from "@preact/signals";
import { html } from "htm/preact";
import { Choice } from "./controls.js";
import { comparison, trace, view } from "./state.js";

/** @typedef {"compressed" | "true"} AxisMode */
/** @typedef {TimeAxis["cuts"][number]} Cut */

/** How wide the label of a cut is in each picture size. */
const LABEL_WIDTHS = { narrow: 0.2, medium: 0.14, wide: 0.09 };

/** What the person has chosen; cut waits are more readable. @type {Signal<AxisMode>} */
export const axisChoice = signal("compressed");

/** The picture with the axes. */
const picture = computed(() => view.value === "compare" ? comparison.value : trace.value?.picture);

/** Whether there are waits to cut. */
const hasCuts = computed(() => picture.value?.compressedAxis !== undefined);

/** Which axis is shown. @type {ReadonlySignal<AxisMode>} */
const axisMode = computed(() => hasCuts.value ? axisChoice.value : "true");

/** The axis that is shown; `undefined` while there is no picture. @type {ReadonlySignal<TimeAxis | undefined>} */
export const axis = computed(() =>
  axisMode.value === "true" ? picture.value?.trueAxis : picture.value?.compressedAxis
);

/** The axis without long waits, whichever is shown: a replay goes along it. @type {ReadonlySignal<TimeAxis>} */
export const shortAxis = computed(() =>
  trace.value?.picture?.compressedAxis ?? trace.value?.picture?.trueAxis ?? NO_AXIS
);

/** @type {TimeAxis} */
const NO_AXIS = { points: [], cuts: [], ticksUs: { narrow: [], medium: [], wide: [] } };

/** Shows the other axis. */
export function toggleAxis() {
  if (hasCuts.value) axisChoice.value = axisChoice.value === "true" ? "compressed" : "true";
}

/** A place on the axis, for a `style`. @param {number} fromUs @param {number} [toUs] */
export function placed(fromUs, toUs) {
  if (axis.value === undefined) return {};
  const from = placeOf(axis.value, fromUs);
  const left = { left: percent(from) };
  return toUs === undefined ? left : { ...left, width: percent(placeOf(axis.value, toUs) - from) };
}

/** A place in CSS. @param {number} place From 0 to 1. */
export function percent(place) {
  return `${(place * 100).toFixed(3)}%`;
}

/** The switch between the axes. */
export function AxisSwitch() {
  return html`
    <${Choice} label="Time axis" options=${AXES} chosen=${axisMode.value}
      onChoose=${(/** @type {AxisMode} */ mode) => axisChoice.value = mode}
      isDisabled=${!hasCuts.value} />
  `;
}

/** @type {readonly (readonly [AxisMode, string])[]} */
const AXES = [["compressed", "Compressed"], ["true", "True time"]];

/** The line above the rows: moments, and how long the cuts are. */
export function AxisLine() {
  const { ticksUs, cuts } = axis.value ?? NO_AXIS;
  const totalUs = picture.value?.totalUs;
  const ticks = [...new Set(Object.values(ticksUs).flat())].toSorted((a, b) => a - b);
  const labels = Object.entries(LABEL_WIDTHS)
    .map(([size, width]) => /** @type {const} */ ([size, labelled(cuts, width)]));
  return html`
    <div class="axis" aria-hidden="true">
      ${cuts.map((cut) =>
        html`
          <b key=${cut.fromUs} class=${`cut-label ${sizesWith(labels, cut)}`}
            style=${placed(middleOf(cut))}><i>≈ </i>${cut.label}</b>
        `
      )}
      ${ticks.map((us) =>
        html`
          <span key=${us} class=${`tick ${sizesWith(Object.entries(ticksUs), us)} ${
            us === totalUs ? "end" : ""
          }`}
            style=${placed(us)}>${us === 0 ? "0" : formatRound(us)}</span>
        `
      )}
    </div>
  `;
}

/**
 * The picture sizes in which something is labelled.
 *
 * @template Labelled
 * @param {readonly (readonly [size: string, all: readonly Labelled[]])[]} labels @param {Labelled} one
 */
function sizesWith(labels, one) {
  return labels.flatMap(([size, all]) => all.includes(one) ? [size] : []).join(" ");
}

/** The cuts whose labels touch none of a longer cut. @param {readonly Cut[]} cuts @param {number} width A label's, of the axis. */
function labelled(cuts, width) {
  /** @type {Cut[]} */
  const kept = [];
  const place = (/** @type {Cut} */ cut) => placeOf(axis.value ?? NO_AXIS, middleOf(cut));
  for (const cut of cuts.toSorted((a, b) => b.toUs - b.fromUs - (a.toUs - a.fromUs))) {
    if (kept.every((other) => Math.abs(place(other) - place(cut)) >= width)) kept.push(cut);
  }
  return kept;
}

/** @param {Cut} cut */
function middleOf({ fromUs, toUs }) {
  return (fromUs + toUs) / 2;
}

/** A row's own work, that of its children, and its wait. @param {{ row: Row }} props */
export function Bars({ row: { segments, wait } }) {
  return segments.map(({ kind, fromUs, toUs }) =>
    html`
      <i key=${`${kind} ${fromUs}`} class=${`bar ${kind}`}
        data-service=${kind === "wait" ? wait?.place : undefined} style=${placed(fromUs, toUs)}></i>
    `
  );
}

/** The cuts and the lines of the moments, across all rows. */
export function Bands() {
  const { ticksUs, cuts } = axis.value ?? NO_AXIS;
  return html`
    ${cuts.map(({ fromUs, toUs }) =>
      html`<i key=${`cut ${fromUs}`} class="band" style=${placed(fromUs, toUs)}></i>`
    )}
    ${ticksUs.medium.slice(1, -1).map((us) =>
      html`<i key=${`tick ${us}`} class="grid-line" style=${placed(us)}></i>`
    )}
  `;
}
