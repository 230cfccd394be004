/**
 * The lessons: each breaks something, sends an email, and explains its trace row by row. The mystery stands above their list.
 *
 * @import { GivenLesson, Lesson } from "./types.ts"
 */
import { html } from "htm/preact";
import { Icon } from "./icons.js";
import { Journey } from "./journey.js";
import {
  chosenLesson,
  complaint,
  done,
  lessons,
  shownLesson,
  startLesson,
  stepIndex,
  stopLesson,
} from "./lesson_state.js";
import { Mystery } from "./mystery.js";
import { faults, SETTINGS } from "./state.js";
import { Waterfall } from "./waterfall.js";
import { StepNumber } from "./waterfall_row.js";

export function Lessons() {
  const isListed = chosenLesson.value === undefined;
  const mystery = SETTINGS.hasFaults && html`<${Mystery} />`;
  return html`
    <main class="work lessons" tabindex="-1">
      <div class="teaching">
        ${/* Below the long list, nobody would see it. */ isListed && mystery}
        <section class="card" aria-labelledby="lesson-title">
          ${isListed
            ? html`<${LessonList} />`
            : html`<${LessonCard} lesson=${chosenLesson.value} />`}
          <p class="field-error" role="status">${complaint.value}</p>
        </section>
        ${!isListed && mystery}
      </div>
      <div class="centre">
        <${Journey} />
        <${Waterfall} />
      </div>
    </main>
  `;
}

function LessonList() {
  return html`
    <h2 id="lesson-title">Lessons</h2>
    <p>Each breaks one thing, sends an email, and explains its trace row by row.</p>
    ${!SETTINGS.hasFaults && html`
      <p>This system has no stand-ins that could be broken. In a terminal, a lesson starts its own:
        <code>deno task lesson 1</code></p>
    `}
    <ol class="lesson-list">
      ${lessons.value?.map(({ number, title }) =>
        html`
          <li key=${number} data-tone=${done.value.has(number) ? "done" : undefined}>
            <a href=${`#view=lessons&lesson=${number}`}>
              <span class="step-number">${done.value.has(number)
                ? html`<${Icon} name="v" /><span class="sr-only">done, </span>`
                : number}</span>
              ${title}
            </a>
          </li>
        `
      )}
    </ol>
  `;
}

/** @param {{ lesson: Lesson }} props */
function LessonCard({ lesson }) {
  const { number, title, introduction, ownSystemBecause } = lesson;
  const progress = shownLesson.value;
  return html`
    <header>
      <p class="muted flow">Lesson ${number} of ${lessons.value?.length}
        <a href="#view=lessons" class="end">All lessons</a></p>
      <h2 id="lesson-title">${title}</h2>
    </header>
    <p>${introduction}</p>
    ${ownSystemBecause === undefined
      ? progress === undefined || progress.state === "stopped"
        ? html`<button type="button" class="primary" onClick=${startLesson}>Start</button>`
        : html`<${Progress} lesson=${lesson} progress=${progress} />`
      : html`
        <p class="muted">It needs a system of its own: ${ownSystemBecause}. Give it in a terminal:</p>
        <pre>deno task lesson ${number}</pre>
      `}
  `;
}

/** @param {{ lesson: Lesson, progress: GivenLesson }} props */
function Progress({ lesson, progress }) {
  const { steps, state, isMended } = progress;
  const broken = lesson.faults.map(({ name }) => titleOf(name));
  return html`
    <ol class="steps" aria-label="Steps">
      ${steps.map((step, index) =>
        html`<${Step} key=${step.explanation} step=${step} index=${index} />`
      )}
    </ol>
    ${!isMended && html`
      <p class="pill broken" data-tone="wait"><${Icon} name="break" />
        <span>Broken on purpose: ${broken.join(", ")}. The lesson mends it at its end.</span></p>
    `}
    ${state === "running"
      ? html`<button type="button" onClick=${stopLesson}><${Icon} name="x" />Mend it and leave</button>`
      : html`<${End} lesson=${lesson} progress=${progress} />`}
  `;
}

/** @param {{ step: GivenLesson["steps"][number], index: number }} props */
function Step({ step: { name, explanation, rowKey }, index }) {
  const [firstSentence] = explanation.split(/(?<=[.:;]) /, 1);
  return html`
    <li>
      <button type="button" class="bare" disabled=${rowKey === undefined}
        aria-current=${index === stepIndex.value ? "step" : undefined}
        onClick=${() => stepIndex.value = index}>
        <${StepNumber} index=${index} />
        <span>${name} <small class="muted">${rowKey === undefined
          ? "not there yet"
          : firstSentence?.replace(/[:;]$/, "")}</small></span>
      </button>
    </li>
  `;
}

/** The result at the end, and the conclusion. @param {{ lesson: Lesson, progress: GivenLesson }} props */
function End({ lesson: { number, conclusion }, progress: { state, missing, checks } }) {
  const next = lessons.value?.find((lesson) => lesson.number > number);
  return html`
    <div class="conclusion" role="status">
      ${checks.map(({ text }) => html`<p key=${text} class="muted">${text}</p>`)}
      <p>${conclusion}</p>
      ${state === "seen"
        ? html`
          <p data-tone="done">
            <${Icon} name="done" /> Every point of this lesson holds in the trace of your email.</p>
        `
        : html`
          <p data-tone="fail">
            <${Icon} name="dead" /> The trace of your email differs from this lesson:</p>
          <ul>${missing.map((text) => html`<li key=${text}>${text}</li>`)}</ul>
        `}
    </div>
    <p class="actions flow">
      ${next !== undefined &&
        html`<a class="primary" href=${`#view=lessons&lesson=${next.number}`}>Next: ${next.title}</a>`}
      <button type="button" onClick=${startLesson}>Again</button>
    </p>
  `;
}

/** @param {string} name */
function titleOf(name) {
  return faults.value.find((fault) => fault.name === name)?.title ?? name;
}
