/**
 * Lists of emails, each a link to itself with its state: the recent ones, and those of the trace that is shown.
 *
 * @import { Chosen, EmailSummary } from "./types.ts"
 * @import { StateWords } from "./email_state.js"
 */
import { computed, signal } from "@preact/signals";
import { html } from "htm/preact";
import { CountedButton, Counting } from "./controls.js";
import { describeState, describeTrace } from "./email_state.js";
import { formatCountdown, formatDuration, formatTime } from "./format.js";
import { Icon } from "./icons.js";
import {
  chosen,
  isJourneyed,
  isListOpen,
  knownEmails,
  received,
  sentEmails,
  toggleList,
} from "./state.js";

/** As many as the server sends. */
const MAX_COUNT = 20;

/** @type {readonly { name: string, has: (email: EmailSummary, words: StateWords) => boolean }[]} */
const FILTERS = [
  { name: "All", has: () => true },
  { name: "On their way", has: (_, { tone }) => tone === "now" || tone === "wait" },
  { name: "Failed", has: (_, { tone }) => tone === "fail" },
];

const filter = signal(FILTERS[0]);
const isWithoutLoad = signal(false);

const newest = computed(() => {
  const known = knownEmails.value ?? [];
  const ids = new Set(known.map(({ emailId }) => emailId));
  const sent = sentEmails.value.filter(({ emailId }) => !ids.has(emailId));
  return [...sent, ...known].slice(0, MAX_COUNT);
});

const found = computed(() =>
  newest.value.filter((email) =>
    (filter.value?.has(email, wordsOf(email)) ?? true) && !(isWithoutLoad.value && email.synthetic)
  )
);

/** The address within the page of an email. @param {Chosen} email */
export function hashOf({ traceId, emailId, spanId }) {
  const name = emailId ?? spanId;
  return `#trace=${traceId}${name === undefined ? "" : `&email=${name}`}`;
}

/** The recent emails: a column, or a rail of icons and ids. */
export function RecentEmails() {
  return html`
    <aside class=${isListOpen.value ? "recent" : "recent rail"} aria-labelledby="emails-title">
      <header>
        <h2 id="emails-title">Emails</h2>
        <button type="button" class="bare" id="list-toggle" title="e"
          aria-label="Texts of the list" aria-expanded=${String(isListOpen.value)}
          onClick=${toggleList}><${Icon} name="list" /></button>
      </header>
      <${Filters} />
      <${EmailList} id="emails" emails=${found.value} />
      <${Nothing} />
    </aside>
  `;
}

function Filters() {
  return html`
    <div class="filters flow">
      ${FILTERS.map((one) => {
        const count = newest.value.filter((email) => one.has(email, wordsOf(email))).length;
        return html`
          <${CountedButton} name=${one.name} isPressed=${filter.value === one}
            count=${one !== FILTERS[0] && count > 0 ? count : undefined}
            onClick=${() => filter.value = one} />
        `;
      })}
      <button type="button" aria-pressed=${String(isWithoutLoad.value)} onClick=${() =>
        isWithoutLoad.value = !isWithoutLoad.value}>Without load</button>
    </div>
  `;
}

/** The text without emails; none before the collector has answered. */
function Nothing() {
  if (knownEmails.value === undefined || found.value.length > 0) return null;
  const text = newest.value.length === 0 ? "No emails yet. Send one above." : "No email matches.";
  return html`<p id="emails-none" class="muted">${text}</p>`;
}

/** @param {{ emails: readonly EmailSummary[], id?: string }} props */
export function EmailList({ emails, id }) {
  return html`
    <ol class="emails" id=${id}>
      ${emails.map((email) => html`<${Item} key=${hashOf(email)} email=${email} />`)}
    </ol>
  `;
}

/** @param {{ email: EmailSummary }} props */
function Item({ email }) {
  const { emailId, recipientDomain, archivedAfterMs, scheduledAt, state, synthetic } = email;
  const { tone, icon, title, reason } = wordsOf(email);
  return html`
    <li data-tone=${tone}>
      <a href=${hashOf(email)} aria-current=${isChosen(email) ? "true" : undefined}>
        <${Icon} name=${icon} />
        <span class="line">
          <span><b>${emailId?.slice(0, 4) ??
            "–"}</b> <bdi class="domain">${recipientDomain}</bdi></span>
          <span class="when" title=${formatTime(scheduledAt)}>${archivedAfterMs === undefined
            ? formatTime(scheduledAt)
            : formatDuration(archivedAfterMs * 1_000)}</span>
        </span>
        <span class="line muted">
          <span class="about">${title}${synthetic && ", load"}${reason !== undefined &&
            html`: <bdi>${reason}</bdi>`}</span>
          <${Due} state=${state} />
        </span>
      </a>
    </li>
  `;
}

/** @param {{ state: EmailSummary["state"] }} props */
function Due({ state }) {
  if (state.name !== "retrying" || state.nextAttemptAt === undefined) return null;
  const dueMs = Date.parse(state.nextAttemptAt);
  return html`<span class="when"><${Counting} textAt=${(/** @type {number} */ nowMs) =>
    dueMs > nowMs ? `in ${formatCountdown(dueMs - nowMs)}` : "due"} /></span>`;
}

/** The state in words; of the email that is shown, more is known. @param {EmailSummary} email */
function wordsOf(email) {
  return isJourneyed(received.value) && isChosen(email)
    ? describeTrace(received.value)
    : describeState(email.state);
}

/** @param {EmailSummary} email */
function isChosen({ traceId, emailId, spanId }) {
  if (chosen.value?.traceId !== traceId.padStart(32, "0")) return false;
  const name = chosen.value.emailId ?? received.value?.emailId;
  return name === undefined || name === emailId || name === spanId;
}
