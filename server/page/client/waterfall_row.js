/**
 * One row of the waterfall: name, duration and bar of a span, with its remarks.
 *
 * @import { ReadonlySignal } from "@preact/signals"
 * @import { Row, TimeAxis } from "./types.ts"
 */
import { placeOf } from "@playground/shared/waterfall/drawing";
import { computed, useComputed } from "@preact/signals";
import { html } from "htm/preact";
import { formatDuration } from "./format.js";
import { Icon, Tile } from "./icons.js";
import { shownLesson, stepIndex, stepsByRow as lessonSteps } from "./lesson_state.js";
import { hoveredKey, litKeys, pinnedKey, rows, trace } from "./state.js";
import { axis, Bars, percent, placed } from "./time_axis.js";

/** Whether the rows must name their attempts. */
const hasRetries = computed(() => rows.value.some(({ attempt = 1 }) => attempt > 1));

/** The steps of the critical path, by the row that they are in. */
const stepsByRow = computed(() =>
  Map.groupBy(trace.value?.picture?.criticalPath ?? [], ({ rowKey }) => rowKey)
);

/** A row that ends further right has its remarks on the left of its bar, if there is more room. */
const LATEST_START_OF_REMARK = 0.75;
/** A shorter wait is not worth a remark. */
const SHORTEST_WAIT = 0.02;
/** A wait that is wider has its remark inside, and so has a bar that leaves less room beside it. */
const ROOM_FOR_REMARK = 0.26;
const SHORTEST_REMARK = 0.1;

/** Pins a row, so that its details stay, or unpins it. @param {string} key */
export function pin(key) {
  pinnedKey.value = pinnedKey.value === key ? undefined : key;
}

/** @param {{ row: Row, stopKey: ReadonlySignal<string | undefined> }} props */
export function WaterfallRow({ row, stopKey }) {
  const { key, name, services, durationUs, error, attempt, depth, missingParent, link } = row;
  // As computed values: when a pin moves, two of perhaps a thousand rows are drawn again.
  const isStop = useComputed(() => stopKey.value === key).value;
  const isPinned = useComputed(() => pinnedKey.value === key).value;
  const isPreviewed = useComputed(() => hoveredKey.value === key).value;
  const isLit = useComputed(() => litKeys.value.includes(key)).value;
  const preview = () => hoveredKey.value = key;
  const take = (/** @type {MouseEvent} */ { currentTarget }) => {
    pin(key);
    // On a phone, its details would cover it.
    if (currentTarget instanceof Element) currentTarget.scrollIntoView({ block: "nearest" });
  };
  const classes = [
    "row",
    error !== undefined && "failed",
    missingParent !== undefined && "orphan",
    isLit && "lit",
  ];
  const step = lessonSteps.value.get(key);
  // Below a row of a lesson stands its note, which no listbox may contain.
  const isOption = shownLesson.value === undefined;
  return html`
    <li role=${isOption ? "option" : "listitem"} class=${classes.filter(Boolean).join(" ")}
      tabindex=${isStop ? 0 : -1} data-key=${key} data-service=${services[0] ?? ""}
      aria-selected=${isOption ? String(isPinned) : undefined}
      style=${{ "--depth": depth }} onFocus=${preview} onBlur=${() => hoveredKey.value = undefined}
      onPointerMove=${preview} onClick=${take}>
      <span class="name">
        ${step !== undefined && html`<${StepNumber} index=${step} />`}
        <${Tile} service=${services[0] ?? ""} />
        <bdi class="title">${name}</bdi>
        ${name === "emailer" && attempt !== undefined && hasRetries.value &&
          html`<small>attempt ${attempt}</small>`}
        ${depth === 0 && link !== undefined && html`<small>linked trace</small>`}
        ${error !== undefined && html`<${Icon} name="dead" /><span class="sr-only">failed</span>`}
      </span>
      <span class="duration">${durationUs === null ? "…" : formatDuration(durationUs)}</span>
      <${Track} row=${row} />
      ${isPreviewed && html`<${Preview} row=${row} />`}
    </li>
  `;
}

/** @param {{ row: Row }} props */
function Track({ row }) {
  const { wait, error, fromUs, durationUs, logs } = row;
  return html`
    <span class="track">
      <${Bars} row=${row} />
      ${wait &&
        cutsWithin(wait).map((middleUs) =>
          html`<b key=${middleUs} class="left-out" aria-hidden="true" style=${
            placed(middleUs)
          }>≈</b>`
        )}
      ${error !== undefined &&
        html`<i class="ring" style=${placed(fromUs, fromUs + (durationUs ?? 0))}></i>`}
      ${stepsByRow.value.get(row.key)?.map((step) =>
        html`<i key=${`step ${step.fromUs}`} class="critical" style=${
          placed(step.fromUs, step.toUs)
        }></i>`
      )}
      ${logs.map(({ atUs, level }) =>
        html`<i key=${`log ${atUs}`} class="log" data-level=${level} style=${placed(atUs)}></i>`
      )}
      <${Remark} row=${row} />
    </span>
  `;
}

/** The middles of the cuts that a wait goes through. @param {{ fromUs: number, toUs: number }} wait */
function cutsWithin({ fromUs, toUs }) {
  return axis.value?.cuts.flatMap((cut) => {
    const [from, to] = [Math.max(cut.fromUs, fromUs), Math.min(cut.toUs, toUs)];
    return from < to ? [(from + to) / 2] : [];
  }) ?? [];
}

/** The remark at the bar: the error where it arose, what is missing or corrected, or how long it waited. @param {{ row: Row }} props */
function Remark({ row: { fromUs, durationUs, wait, says, missingParent, correction } }) {
  const remark = says ?? missingParent ?? correction;
  const text = remark ?? wait?.text;
  if (axis.value === undefined || text === undefined) return null;
  const kind = says === undefined ? "remark" : "remark says";
  const bar = { fromUs, toUs: fromUs + (durationUs ?? 0) };
  const [from, to] = placesOf(axis.value, bar);
  const isLeft = to > LATEST_START_OF_REMARK && from > 1 - to;
  const isWait = remark === undefined && wait !== undefined;
  const [insideFrom, insideTo] = isWait ? placesOf(axis.value, wait) : [from, to];
  const inside = insideTo - insideFrom;
  if (isWait && inside < SHORTEST_WAIT) return null;
  if (inside > ROOM_FOR_REMARK && (isWait || Math.max(from, 1 - to) < SHORTEST_REMARK)) {
    const style = { left: percent((insideFrom + insideTo) / 2), maxWidth: percent(inside) };
    return html`<span class=${`${kind} inside`} style=${style}><bdi>${text}</bdi></span>`;
  }
  const style = isLeft
    ? { right: percent(1 - from), maxWidth: percent(from) }
    : { left: percent(to), maxWidth: percent(1 - to) };
  return html`<span class=${kind} style=${style}><bdi>${text}</bdi></span>`;
}

/** @param {TimeAxis} axis @param {{ fromUs: number, toUs: number }} time */
function placesOf(axis, { fromUs, toUs }) {
  return /** @type {const} */ ([placeOf(axis, fromUs), placeOf(axis, toUs)]);
}

/** The preview on hover or focus. @param {{ row: Row }} props */
function Preview({ row }) {
  const { durationUs, ownUs, fromUs, says, missingParent, correction, logs } = row;
  const times = [
    durationUs === null ? "not finished" : formatDuration(durationUs),
    `works itself ${formatDuration(ownUs)}`,
    `starts at ${formatDuration(fromUs)}`,
  ].join(", ");
  const last = logs.at(-1)?.text;
  return html`
    <span class="tip" role="tooltip">
      <b><bdi>${row.name}</bdi></b> ${times}.
      ${[says, missingParent, correction, last].filter(Boolean).map((text) =>
        html`<span key=${text}><bdi>${text}</bdi></span>`
      )}
    </span>
  `;
}

/** The steps of the critical path from one row to another. @param {{ lineOf: ReadonlyMap<string, number> }} props */
export function CriticalLines({ lineOf }) {
  const steps = trace.value?.picture?.criticalPath ?? [];
  return steps.slice(1).map(({ rowKey, fromUs }, index) => {
    const [from, to] = [lineOf.get(steps[index]?.rowKey ?? ""), lineOf.get(rowKey)];
    if (from === undefined || to === undefined || from === to) return null;
    const style = {
      ...placed(fromUs),
      "--from": Math.min(from, to),
      "--lines": Math.abs(to - from),
    };
    return html`<i key=${`${rowKey} ${fromUs}`} class="turn" style=${style}></i>`;
  });
}

/** The explanation of a lesson's step, below the row that shows it. @param {{ row: Row }} props */
export function LessonNote({ row }) {
  const steps = shownLesson.value?.steps ?? [];
  const step = steps[stepIndex.value];
  if (step === undefined || step.rowKey !== row.key || axis.value === undefined) return null;
  const isThere = ({ rowKey = "" }) => rowKey !== "";
  const next = steps.findIndex((one, index) => index > stepIndex.value && isThere(one));
  const last = steps.findLastIndex((one, index) => index < stepIndex.value && isThere(one));
  const middle = placeOf(axis.value, row.fromUs + (row.durationUs ?? 0) / 2);
  return html`
    <li class="lesson-note">
      <div style=${{ "--x": percent(middle) }}>
        <p class="flow"><${StepNumber} index=${stepIndex.value} /><b>${step.name}</b>
          <span class="muted end">${stepIndex.value + 1} of ${steps.length}</span></p>
        <p>${step.explanation}</p>
        <p class="actions flow">
          ${last >= 0 &&
            html`<button type="button" onClick=${() => stepIndex.value = last}>Back</button>`}
          ${next >= 0 && html`
            <button type="button" class="primary" onClick=${() =>
              stepIndex.value = next}>Next: ${steps[next]?.name}</button>
          `}
        </p>
      </div>
    </li>
  `;
}

/** The number of a step, in the list and at its row. @param {{ index: number }} props */
export function StepNumber({ index }) {
  const state = index === stepIndex.value ? "now" : index < stepIndex.value ? "read" : "open";
  return html`<span class="step-number" data-state=${state}>${index + 1}</span>`;
}
