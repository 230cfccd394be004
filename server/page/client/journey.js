/**
 * One email on its way: what state it is in, the diagram, the waterfall, and the archived mail.
 *
 * @module
 * @import { Api } from "./api.js"
 * @import { Chosen, EmailState, EmailTrace } from "./types.ts"
 */
import { effect } from "@preact/signals";
import { acceptedDiagram, IDLE, markEdges, showDiagram } from "./diagram.js";
import { part, setText } from "./dom.js";
import { showTraceEmails } from "./email_list.js";
import { describeState } from "./email_state.js";
import { showMail } from "./mail.js";
import { fixText, keepText } from "./ticker.js";
import { shownRow, trace as shownTrace } from "./state.js";

const headline = part("state", HTMLElement);
const icon = part("state-icon", HTMLElement);
const title = part("state-title", HTMLElement);
const explanation = part("state-explanation", HTMLElement);
const announcement = part("announcement", HTMLElement);
const link = part("trace-link", HTMLAnchorElement);
const traceName = part("trace-id", HTMLElement);

/** @type {string | undefined} */
let shownTraceId;

/** Begins to mark the way that the row tells of which is looked at. */
export function startJourney() {
  effect(() => markEdges(shownTrace.value?.diagram ?? IDLE, shownRow.value?.key));
}

/**
 * Shows an email of which nothing is known but its name.
 *
 * @param {Api} api Fetches the archived mail.
 * @param {Chosen | undefined} chosen What names it; `undefined`: no email is chosen.
 * @param {boolean} isAccepted Whether this page has just sent it.
 */
export function showUnknown(api, chosen, isAccepted) {
  const traceId = chosen?.traceId;
  // Who goes from one email of a trace to the next keeps the list of them.
  if (traceId !== shownTraceId) showTraceEmails([]);
  shownTraceId = traceId;
  showDiagram(isAccepted ? acceptedDiagram() : IDLE);
  shownTrace.value = undefined;
  void showMail(api, undefined);
  showLink(traceId, undefined);
  if (isAccepted) {
    showState({ name: "accepted" });
    return;
  }
  headline.dataset.tone = "idle";
  fixText(icon, "○");
  fixText(title, traceId === undefined ? "No email yet" : "Looking for the trace");
  fixText(
    explanation,
    traceId === undefined
      ? "Send one, or choose one of the recent emails"
      : "It takes about a second until the first spans are there",
  );
}

/** Says that the collector has no span of the email that is looked for. Should one come after all, it is shown. */
export function showMissing() {
  fixText(title, "Unknown trace");
  fixText(
    explanation,
    "The collector does not know it: it was never recorded, or it has expired",
  );
  setText(announcement, `${title.textContent}: ${explanation.textContent}`);
}

/**
 * Shows all that is known of an email, or of a trace.
 *
 * @param {Api} api Fetches the archived mail.
 * @param {EmailTrace} trace What is known.
 * @param {boolean} isWhole Whether all emails of the trace are shown.
 */
export function showTrace(api, trace, isWhole) {
  const isOneOfMany = isWhole && trace.emails.length > 1;
  showState(trace.state, [
    ...(trace.claimedMail === undefined ? [] : [CLAIM]),
    ...(isOneOfMany ? ["No other email of this trace is worse off"] : []),
  ]);
  showTraceEmails(trace.emails, trace.omittedEmailCount);
  showLink(trace.traceId, trace.traceUrl);
  showDiagram(trace.diagram);
  shownTrace.value = trace;
  void showMail(api, trace.mail?.documentId);
}

const CLAIM = "A mail that claims to be this email was archived; nothing shows that we sent it";

/**
 * @param {EmailState} state
 * @param {readonly string[]} [notes] What else is to be said.
 */
function showState(state, notes = []) {
  const words = describeState(state);
  const reason = [words.explanation, ...notes].join(". ");
  headline.dataset.tone = words.tone;
  headline.dataset.state = state.name;
  fixText(icon, words.icon);
  if (words.isCounting) keepText(title, words.titleAt);
  else fixText(title, words.titleAt(Date.now()));
  fixText(explanation, reason);
  // Said once: without the seconds, which count down.
  setText(announcement, `${words.titleAt(Infinity)}: ${reason}`);
}

/**
 * @param {string | undefined} traceId
 * @param {string | undefined} traceUrl
 */
function showLink(traceId, traceUrl) {
  const isAddress = traceUrl !== undefined && /^https?:\/\//.test(traceUrl);
  link.hidden = !isAddress;
  if (isAddress) link.href = traceUrl;
  else link.removeAttribute("href");
  setText(traceName, traceId === undefined ? "" : `trace ${traceId}`);
}
