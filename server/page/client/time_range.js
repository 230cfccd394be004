/**
 * The time whose emails the list has: `#from=…&to=…` in the address, in milliseconds since 1970, as a dashboard's link names it.
 * Without one the list has the newest emails and follows what happens.
 *
 * @module
 * @import { Signal } from "@preact/signals"
 * @import { Answer, EmailSummary } from "./types.ts"
 */
import { computed, effect, signal } from "@preact/signals";
import { html } from "htm/preact";
import { Icon } from "./icons.js";
import { api } from "./message_server.js";
import { hash, isListOpen } from "./state.js";

const MAX_COUNT = 100;
const TIMES = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The time as a query of the API; empty where the address names none. */
export const rangeQuery = computed(() => {
  const parameters = new URLSearchParams(hash.value.slice(1));
  const [from, to] = [parameters.get("from") ?? "", parameters.get("to") ?? ""];
  return [from, to].every((time) => /^\d{1,15}$/.test(time)) ? `from=${from}&to=${to}` : "";
});

/** The emails of that time, newest first, or why they are not known; `undefined` before the answer. @type {Signal<Answer<{ emails: readonly EmailSummary[] }> | undefined>} */
export const emailsOfRange = signal();

/** Begins to read the emails of the time that the address names. */
export function startTimeRange() {
  effect(() => {
    emailsOfRange.value = undefined;
    if (rangeQuery.value === "") return;
    // A rail has no room to say which time it is.
    isListOpen.value = true;
    void read(rangeQuery.value);
  });
}

/** @param {string} query */
async function read(query) {
  const answer = await api.call(`/api/emails?limit=${MAX_COUNT}&${query}`);
  // The address may name another time by now.
  if (query === rangeQuery.value) emailsOfRange.value = answer;
}

/** Says which time the list has, and leads back to the newest emails. */
export function TimeRange() {
  if (rangeQuery.value === "") return null;
  const parameters = new URLSearchParams(hash.value.slice(1));
  const [from = 0, to = 0] = ["from", "to"].map((name) => Number(parameters.get(name)));
  for (const name of ["from", "to"]) parameters.delete(name);
  const { value: answer } = emailsOfRange;
  const isCut = answer?.ok && answer.body.emails.length === MAX_COUNT;
  return html`
    <p class="range">
      <span>${isCut && `The newest ${MAX_COUNT} of `}${TIMES.formatRange(from, to)}</span>
      <a href=${`#${parameters}`} aria-label="Back to the newest emails" title="Back to the newest emails">
        <${Icon} name="x" />
      </a>
    </p>
    ${answer?.ok === false && html`<p class="muted">${answer.problem.detail}</p>`}
  `;
}
