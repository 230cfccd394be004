/**
 * The time range of the listed emails: `#from=…&to=…` in the address, in milliseconds since 1970, for links from a dashboard.
 * Without one, the list shows the newest emails live.
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

/** The time range as a query of the API; empty without one. */
export const rangeQuery = computed(() => {
  const parameters = new URLSearchParams(hash.value.slice(1));
  const [from, to] = [parameters.get("from") ?? "", parameters.get("to") ?? ""];
  return [from, to].every((time) => /^\d{1,15}$/.test(time)) ? `from=${from}&to=${to}` : "";
});

/**
 * The emails of that time, newest first, or why they are unknown; `undefined` before the answer. @type {Signal<Answer<{ emails:
 * readonly EmailSummary[] }> | undefined>}
 */
export const emailsOfRange = signal();

/** Starts to read the emails of the time range in the address. */
export function startTimeRange() {
  effect(() => {
    emailsOfRange.value = undefined;
    if (rangeQuery.value === "") return;
    // A rail has no room for the time range.
    isListOpen.value = true;
    void read(rangeQuery.value);
  });
}

/** @param {string} query */
async function read(query) {
  const answer = await api.call(`/api/emails?limit=${MAX_COUNT}&${query}`);
  // The address may have changed meanwhile.
  if (query === rangeQuery.value) emailsOfRange.value = answer;
}

/** The listed time range, with a link back to the newest emails. */
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
