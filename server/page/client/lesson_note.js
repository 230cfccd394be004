/**
 * The explanation of a lesson's step, below the row that shows it.
 *
 * @module
 * @import { Row } from "./types.ts"
 */
import { placeOf } from "@playground/shared/waterfall/drawing";
import { html } from "htm/preact";
import { shownLesson, stepIndex } from "./lesson_state.js";
import { axis, percent } from "./time_axis.js";

/**
 * The note; nothing below other rows.
 *
 * @param {{ row: Row }} props
 */
export function LessonNote({ row }) {
  const steps = shownLesson.value?.steps ?? [];
  const step = steps[stepIndex.value];
  if (step === undefined || step.rowKey !== row.key || axis.value === undefined) return null;
  const next = steps.findIndex(({ rowKey }, index) =>
    index > stepIndex.value && rowKey !== undefined
  );
  const last = steps.findLastIndex(({ rowKey }, index) =>
    index < stepIndex.value && rowKey !== undefined
  );
  const middle = placeOf(axis.value, row.fromUs + (row.durationUs ?? 0) / 2);
  return html`
    <li class="lesson-note">
      <div style=${{ "--x": percent(middle) }}>
        <p class="head"><${StepNumber} index=${stepIndex.value} /><b>${step.name}</b>
          <span class="muted end">${stepIndex.value + 1} of ${steps.length}</span></p>
        <p>${step.explanation}</p>
        <p class="actions">
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

/**
 * The number of a step, in the list and at its row.
 *
 * @param {{ index: number }} props
 */
export function StepNumber({ index }) {
  const state = index === stepIndex.value ? "now" : index < stepIndex.value ? "read" : "open";
  return html`<span class="step-number" data-state=${state}>${index + 1}</span>`;
}
