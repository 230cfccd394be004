/**
 * The explanation of a lesson's step, below the row that shows it.
 *
 * @import { Row } from "./types.ts"
 */
import { placeOf } from "@playground/shared/waterfall/drawing";
import { html } from "htm/preact";
import { shownLesson, stepIndex } from "./lesson_state.js";
import { axis, percent } from "./time_axis.js";

/** @param {{ row: Row }} props */
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
