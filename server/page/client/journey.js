/**
 * One email's journey: its state, the picture, and the replay.
 *
 * @import { ReadonlySignal } from "@preact/signals"
 * @import { StateWords } from "./email_state.js"
 */
import { computed, effect } from "@preact/signals";
import { html } from "htm/preact";
import { CopyButton, Counting } from "./controls.js";
import { EmailList } from "./email_list.js";
import { describeOtherTrace, describeTrace } from "./email_state.js";
import { capitalized, formatCountdown, formatTime, isolate } from "./format.js";
import { Icon } from "./icons.js";
import { JourneyMap } from "./journey_map.js";
import { togglePresenter } from "./presenter.js";
import { ReplayBar } from "./replay.js";
import {
  chosen,
  connection,
  isExample,
  isMissing,
  isPresenting,
  moment,
  momentUs,
  received,
  shownFile,
  trace,
  view,
} from "./state.js";

const CLAIM = "A mail that claims to be this email was archived; nothing shows that we sent it.";

/** The words for the shown state. @type {ReadonlySignal<StateWords>} */
const words = computed(() => {
  if (moment.value !== undefined) {
    const wait = moment.value.pills.find(({ isCurrent }) => isCurrent);
    return describeTrace(moment.value, wait?.label);
  }
  if (trace.value !== undefined) return describeOtherTrace(trace.value);
  const [title, explanation] = isMissing.value ? UNKNOWN : LOOKING;
  return { tone: "idle", icon: "find", title, explanation };
});

const LOOKING = /** @type {const} */ ([
  "Looking for the trace",
  "It takes about a second until the first spans are there.",
]);
const UNKNOWN = /** @type {const} */ ([
  "Unknown trace",
  "The collector does not know it: it was never recorded, or it has expired.",
]);

/** The notes beside the state. */
const notes = computed(() => [
  ...(trace.value?.claimedMail === undefined ? [] : [CLAIM]),
  ...(chosen.value?.emailId === undefined && (received.value?.emails.length ?? 0) > 1
    ? ["No other email of this trace is in a worse state."]
    : []),
]);

/** Shows the state in the title and the icon of the page. */
export function startTitle() {
  effect(() => {
    const { title, tone } = words.value;
    const email = isExample.value
      ? ""
      : `${title}: ${shortId(trace.value?.emailId ?? trace.value?.traceId)}, `;
    const name = view.value === "journey" ? email : `${capitalized(view.value)}, `;
    document.title = `${name}Tracing Playground`;
    const icon = document.querySelector('link[rel="icon"]');
    if (icon instanceof HTMLLinkElement) icon.href = pictureOf(isExample.value ? "idle" : tone);
  });
}

const ICONS = {
  done: ["#1a8a4c", "M5 12.5l4.5 4.5L19 7"],
  wait: ["#b86e00", "M12 5v7l5 3"],
  fail: ["#d0303c", "M6 6l12 12M18 6L6 18"],
  now: ["#4a5ee0", "M4 6h16v12H4zM4 7l8 6 8-6"],
  idle: ["#7a8496", "M3 6h9M8 12h9M12 18h9"],
};

/** @param {StateWords["tone"]} tone */
function pictureOf(tone) {
  const [colour, shape] = ICONS[tone];
  const picture =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="${colour}" ` +
    `stroke-width="4" stroke-linecap="round"><path d="${shape}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

/** Enough to distinguish emails. @param {string | undefined} id */
function shortId(id) {
  return id?.slice(0, 4) ?? "?";
}

export function Journey() {
  const { title, explanation, reason } = words.value;
  const isOther = trace.value !== undefined && moment.value === undefined;
  const said = `${title}. ${explanation}${reason === undefined ? "" : `: ${isolate(reason)}`}`;
  return html`
    <section class="card journey" id="journey" tabindex="-1" aria-label="Journey">
      <${Head} />
      <p id="announcement" class="sr-only" role="status">${momentUs.value === undefined && said}</p>
      <${Siblings} />
      ${!isOther && html`
        <${JourneyMap} moment=${moment.value} label=${said} />
        <${ReplayBar} />
      `}
    </section>
  `;
}

function Head() {
  const { tone, icon, title, explanation, reason } = words.value;
  return html`
    <div class="state" id="state" data-tone=${tone} data-state=${moment.value?.state.name}>
      <${Icon} name=${icon} />
      ${isPresenting.value
        ? html`<h1 id="state-title">${title}</h1>`
        : html`<h2 id="state-title">${title}</h2>`}
      <p id="state-explanation">${explanation}${reason !== undefined &&
        html`: <bdi>${reason}</bdi>.`} ${notes.value.join(" ")} <${NextAttempt} /></p>
      <${Facts} />
    </div>
  `;
}

/** When the next attempt is due: it counts down, and is not announced. */
function NextAttempt() {
  const { state, retryLeftUs } = moment.value ?? {};
  if (retryLeftUs !== undefined) return dueText(retryLeftUs / 1_000);
  if (state?.name !== "retrying" || state.nextAttemptAt === undefined) return null;
  const dueMs = Date.parse(state.nextAttemptAt);
  return html`<${Counting} textAt=${(/** @type {number} */ nowMs) => dueText(dueMs - nowMs)} />`;
}

/** @param {number} leftMs */
function dueText(leftMs) {
  return html`<span class="due">${
    leftMs > 0 ? `Next attempt in ${formatCountdown(leftMs)}.` : "The next attempt is due."
  }</span>`;
}

function Facts() {
  const email = trace.value?.emails.find(({ emailId }) => emailId === trace.value?.emailId) ??
    trace.value?.emails[0];
  const { emailId } = trace.value ?? {};
  return html`
    <div class="facts flow">
      ${emailId !== undefined && html`<span>Email <b class="mono">${shortId(emailId)}</b></span>`}
      ${email?.recipientDomain !== undefined &&
        html`<span>to <bdi>${email.recipientDomain}</bdi></span>`}
      ${email !== undefined && !isExample.value &&
        html`<span>sent ${formatTime(email.scheduledAt)}</span>`}
      ${connection.value.status === "away" && email !== undefined && !isExample.value &&
        html`<span class="as-of">as of ${formatTime(connection.value.since)}</span>`}
      ${shownFile.value !== undefined && html`<span>from <bdi>${shownFile.value}</bdi></span>`}
      ${chosen.value !== undefined &&
        html`<${CopyButton} text=${() => location.href} label="Copy the address of this email" />`}
      ${isPresenting.value && html`
        <button type="button" class="bare" onClick=${togglePresenter}>
          <${Icon} name="x" />Leave <kbd>p</kbd>
        </button>
      `}
    </div>
  `;
}

/** The emails of the trace, if it has several. */
function Siblings() {
  const emails = received.value?.emails ?? [];
  if (emails.length < 2) return null;
  const count = emails.length + (received.value?.omittedEmailCount ?? 0);
  return html`
    <nav id="trace-emails" aria-label=${`The ${count} emails of this trace`}>
      <h3>The ${count} emails of this trace</h3>
      <${EmailList} emails=${emails} />
    </nav>
  `;
}
