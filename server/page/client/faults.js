/**
 * The faults: shows the list of `/api/faults`, in its words. Absent without that API.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answer, Fault } from "./types.ts"
 */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { json } from "./api.js";
import { Choice, Counting, Dialog, DialogHead, Field, fieldsOf } from "./controls.js";
import { formatCountdown } from "./format.js";
import { Icon } from "./icons.js";
import { api, repeat } from "./message_server.js";
import { faults, pages, SETTINGS } from "./state.js";

const REFRESH_MS = 3_000;

/** How long a fault may last, in milliseconds. */
const DURATIONS = [[10_000, "10 s"], [60_000, "1 min"], [undefined, "until mended"]];

/** Whose faults the dialog shows; `undefined`: it is closed. @type {Signal<readonly string[] | undefined>} */
const shownParts = signal();
/** @type {Signal<string | undefined>} */
const chosenName = signal();
/** @type {Signal<number | undefined>} */
const forMs = signal(60_000);
const complaint = signal("");

/** Starts to poll the faults. */
export function startFaults() {
  if (SETTINGS.hasFaults) repeat(refresh, REFRESH_MS);
}

async function refresh() {
  /** @type {Answer<{ faults: readonly Fault[], pages?: Readonly<Record<string, string>> }>} */
  const answer = await api.call("/api/faults");
  if (answer.ok) {
    faults.value = answer.body.faults;
    pages.value = answer.body.pages ?? {};
  } else complaint.value = answer.problem.detail;
}

/** @param {readonly string[]} [parts] The parts whose faults it shows. @default all */
export function openFaults(parts = []) {
  chosenName.value = faultsOf(parts)[0]?.name;
  complaint.value = "";
  shownParts.value = parts;
}

/** @param {readonly string[]} parts */
function faultsOf(parts) {
  const offered = faults.value.filter(({ part }) => parts.length === 0 || parts.includes(part));
  // Faults with a lesson come first: people look for them.
  return offered.toSorted((a, b) => Number(a.lesson === null) - Number(b.lesson === null));
}

/** @param {string} name @param {{ value?: string, probability?: number, forMs?: number }} setting */
export function setFault(name, setting) {
  return change(`/${encodeURIComponent(name)}`, json("PUT", setting));
}

/** @param {string} name */
function mend(name) {
  return change(`/${encodeURIComponent(name)}`, json("DELETE"));
}

export function mendAll() {
  return change("", json("DELETE"));
}

/** @type {Promise<unknown>} */
let lastChange = Promise.resolve();

/**
 * Returns whether that went well. One change waits for the one before: two requests at once may arrive in any order, and a person
 * who mends everything and then breaks something would find it mended.
 *
 * @param {string} path @param {RequestInit} init
 */
function change(path, init) {
  const changed = lastChange.then(() => changeNow(path, init));
  lastChange = changed;
  return changed;
}

/** @param {string} path @param {RequestInit} init */
async function changeNow(path, init) {
  const answer = await api.call(`/api/faults${path}`, init);
  complaint.value = answer.ok ? "" : answer.problem.detail;
  await refresh();
  return answer.ok;
}

export function FaultDialog() {
  const breakIt = (/** @type {SubmitEvent} */ event) => {
    const fields = fieldsOf(event);
    const value = fields.get("value");
    if (chosenName.value === undefined) return;
    void setFault(chosenName.value, {
      ...(value !== null && { value: String(value) }),
      probability: Number(fields.get("probability")) / 100,
      ...(forMs.value !== undefined && { forMs: forMs.value }),
    });
  };
  return shownParts.value && html`
    <${Dialog} class="faults" aria-labelledby="faults-title" onClose=${() =>
      shownParts.value = undefined}>
      <form onSubmit=${breakIt}>
        <${DialogHead} id="faults-title" title="Break something" />
        <p class="muted">It fails as the real one does. The services do not know.</p>
        <${ActiveFaults} />
        <fieldset>
          <legend class="sr-only">Fault</legend>
          ${faultsOf(shownParts.value).map((fault) =>
            html`<${Offer} key=${fault.name} fault=${fault} />`
          )}
        </fieldset>
        <footer class="flow">
          <${Choice} label="For how long" options=${DURATIONS} chosen=${forMs.value}
            onChoose=${(/** @type {number | undefined} */ ms) => forMs.value = ms} />
          <${Field} label="Probability (%)" name="probability" type="number" min="1" max="100"
            defaultValue="100" required />
          <button class="primary end">Break it</button>
        </footer>
        <p id="fault-status" class="field-error" role="status">${complaint.value}</p>
      </form>
      <//>
  `;
}

/** @param {{ fault: Fault }} props */
function Offer({ fault: { name, title, explanation, parameter, lesson } }) {
  const isChosen = chosenName.value === name;
  return html`
    <label class="offer">
      <input type="radio" name="fault" value=${name} checked=${isChosen} onChange=${() =>
        chosenName.value = name} />
      <span>${title}<small>It ${explanation}.${lesson !== null &&
        ` Lesson ${lesson}.`}</small></span>
    </label>
    ${isChosen && parameter !== null && html`<${Parameter} key=${name} parameter=${parameter} />`}
  `;
}

/** @param {{ parameter: NonNullable<Fault["parameter"]> }} props */
function Parameter({ parameter }) {
  return parameter.type === "choice"
    ? html`
      <label class="field"><span>Value</span>
        <select name="value">
          ${parameter.choices.map((choice) =>
            html`<option selected=${choice === parameter.default}>${choice}</option>`
          )}
        </select>
      </label>
    `
    : html`
      <${Field} label=${`Value (${parameter.unit})`} name="value" type="number"
        min=${parameter.minimum} max=${parameter.maximum} defaultValue=${parameter
          .default} required />
    `;
}

function ActiveFaults() {
  const active = faults.value.filter((fault) => fault.active !== null);
  if (active.length === 0) return null;
  return html`
    <ul id="active-faults" aria-label="Broken">
      ${active.map((fault) => html`<${ActiveItem} key=${fault.name} fault=${fault} />`)}
    </ul>
    <button type="button" class="mend"
      onClick=${mendAll}><${Icon} name="v" />Mend everything</button>
  `;
}

/** @param {{ fault: Fault }} props */
function ActiveItem({ fault: { name, title, active } }) {
  if (active === null) return null;
  const { value, probability, hitCount, endsAt } = active;
  const share = probability < 1 && `${Math.round(probability * 100)} %`;
  const facts = [value, share, `happened ${hitCount} ×`].filter(Boolean).join(", ");
  const endIn = (/** @type {number} */ nowMs) =>
    endsAt !== null && `, ends in ${formatCountdown(Date.parse(endsAt) - nowMs)}`;
  return html`
    <li data-tone="wait">
      <${Icon} name="break" />
      <span>${title} <small>${facts}${endsAt !== null &&
        html`<${Counting} textAt=${endIn} />`}</small></span>
      <button type="button" aria-label=${`Mend ${name}`} onClick=${() => mend(name)}>Mend</button>
    </li>
  `;
}
