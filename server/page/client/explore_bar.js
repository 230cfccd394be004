/**
 * The controls of Explore's filter: the search, chips, and what else can be filtered by.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answered } from "./answers.js"
 * @import { Changes } from "./explore_filter.js"
 * @import { FoundEmails } from "./types.ts"
 */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import {
  closeDialog,
  CountedButton,
  Dialog,
  DialogHead,
  Field,
  fieldsOf,
  valueOf,
} from "./controls.js";
import { activeFilters, changeFilter, lastMs, STATE_CHIPS, whenCalm } from "./explore_filter.js";
import { formatTime } from "./format.js";
import { Icon } from "./icons.js";
import { OpenTraceButton } from "./open_trace.js";
import { connection, parameters, view } from "./state.js";

const LASTS = [
  { title: "Last 15 minutes", ms: 15 * 60_000 },
  { title: "Last hour", ms: 3_600_000 },
  { title: "Last 6 hours", ms: 6 * 3_600_000 },
  { title: "Last day", ms: 24 * 3_600_000 },
  { title: "All that is kept", ms: Infinity },
];

/** The filters that have no control of their own: each is a chip with a cross. */
const CROSSED = ["range", "domain", "reason", "minMs", "maxMs", "edge"];

/** The typed text that is not yet in the address. @type {Signal<string | undefined>} */
const typed = signal();

const isAdding = signal(false);

/** The search; from another view, Enter leads to Explore. */
export function Search() {
  const isExplore = view.value === "explore";
  const search = (isExplore ? parameters.value.get("search") : undefined) ?? "";
  const commit = () => {
    if (typed.value === undefined) return;
    changeFilter({ search: typed.value.trim() || undefined }, !isExplore || search === "");
    typed.value = undefined;
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter") return;
    commit();
    // The arrow keys walk the rows from here.
    if (event.target instanceof HTMLElement) event.target.blur();
  };
  const onInput = (/** @type {InputEvent} */ event) => {
    const text = valueOf(event);
    typed.value = text;
    if (!isExplore) return;
    whenCalm(() => {
      // Nobody who opens an email while the last letters wait is led back to Explore.
      if (view.value === "explore") commit();
      else if (typed.value === text) typed.value = undefined;
    });
  };
  return html`
    <label class="find">
      <${Icon} name="find" /><span class="sr-only">Search the emails</span>
      <input id="search" type="search" maxlength="200" placeholder="Id, domain, state, reason …"
        value=${typed.value ?? search} onInput=${onInput} onKeyDown=${onKeyDown} /><kbd>/</kbd>
    </label>
  `;
}

/** @param {{ answer: Answered<FoundEmails> }} props */
export function ExploreBar({ answer }) {
  const isWithoutLoad = parameters.value.get("synthetic") === "false";
  return html`
    <div class="explore-bar flow" role="group" aria-label="Filter">
      <label class="chosen-time"><${Icon} name="wait" /><span class="sr-only">Time</span>
        <select id="last" onChange=${chooseLast}>
          ${LASTS.map(({ title, ms }) =>
            html`<option value=${ms} selected=${ms === lastMs.value}>${title}</option>`
          )}
        </select>
      </label>
      ${activeFilters.value.filter(({ name }) => CROSSED.includes(name)).map(Crossed)}
      ${STATE_CHIPS.map(({ title, states }) =>
        html`<${StateChip} title=${title} states=${states} counts=${answer.body?.stateCounts} />`
      )}
      <button type="button" id="add-filter" onClick=${() =>
        isAdding.value = true}>Add a filter</button>
      <label><input type="checkbox" id="without-load" checked=${isWithoutLoad} onChange=${() =>
        changeFilter({ synthetic: isWithoutLoad ? undefined : "false" })} /> Without load</label>
      <${Status} answer=${answer} />
      <span class="end"><${OpenTraceButton} /></span>
    </div>
    ${isAdding.value && html`<${FilterDialog} />`}
  `;
}

/** @param {Event} event */
function chooseLast(event) {
  const last = valueOf(event);
  changeFilter({ last: last === "Infinity" ? "all" : last, from: undefined, to: undefined });
}

/** A filter with a cross. @param {{ name: string, words: string, end: Changes }} props */
export function Crossed({ name, words, end }) {
  return html`
    <button type="button" key=${name} class="crossed on" data-filter=${name}
      onClick=${() => changeFilter(end)}>
      <span class="sr-only">End the filter: </span><bdi>${words}</bdi><${Icon} name="x" />
    </button>
  `;
}

/** @param {{ title: string, states: readonly string[], counts?: Readonly<Record<string, number>> }} props */
function StateChip({ title, states, counts }) {
  const chosen = parameters.value.getAll("state");
  const isOn = states.some((state) => chosen.includes(state));
  const toggle = () =>
    changeFilter({
      state: isOn ? chosen.filter((one) => !states.includes(one)) : [...chosen, ...states],
    });
  const count = counts && states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return html`
    <${CountedButton} class=${isOn ? "on" : ""} name=${title} isPressed=${isOn} count=${count}
      onClick=${toggle} />
  `;
}

/** The problem, or how much of the collector is still to be read. @param {{ answer: Answered<FoundEmails> }} props */
function Status({ answer: { body, problem } }) {
  const { asOfMs, isComplete = true, readCount = 0 } = body?.progress ?? {};
  const isAway = connection.value.status === "away" && asOfMs !== undefined;
  const [tone, text] = problem !== undefined
    ? ["fail", problem.detail]
    : isAway
    ? ["wait", `As of ${formatTime(asOfMs)}`]
    : [
      "now",
      isComplete ? "" : `Reading the collector: ${readCount.toLocaleString()} traces so far`,
    ];
  return html`<p id="explore-status" class="pill" data-tone=${tone} role="status">${text}</p>`;
}

/** The filters that are typed. Durations are in seconds. */
const FIELDS = /** @type {const} */ ([
  { name: "domain", label: "To the domain", type: "text" },
  { name: "reason", label: "Failed with exactly", type: "text" },
  { name: "minMs", label: "At least (s)", type: "number" },
  { name: "maxMs", label: "At most (s)", type: "number" },
]);

function FilterDialog() {
  const apply = (/** @type {SubmitEvent} */ event) => {
    const fields = fieldsOf(event);
    changeFilter(Object.fromEntries(FIELDS.map(({ name, type }) => {
      const text = String(fields.get(name)).trim();
      const value = type === "number" ? String(Math.round(Number(text) * 1_000)) : text;
      return [name, text === "" ? undefined : value];
    })));
    closeDialog(event);
  };
  return html`
    <${Dialog} aria-labelledby="filter-title" onClose=${() => isAdding.value = false}>
      <form onSubmit=${apply}>
        <${DialogHead} id="filter-title" title="Filter" />
        ${FIELDS.map(({ name, label, type }) => {
          const value = parameters.value.get(name) ?? "";
          const shown = type === "number" && value !== "" ? Number(value) / 1_000 : value;
          return html`
            <${Field} label=${label} name=${name} type=${type} min="0" step="any"
              defaultValue=${shown} />
          `;
        })}
        <footer class="flow"><button class="primary end">Apply</button></footer>
      </form>
      <//>
  `;
}
