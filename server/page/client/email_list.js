/**
 * Lists of emails, each a link to itself with its state: the recent ones, and those of the trace that is shown.
 *
 * @module
 * @import { Chosen, EmailSummary } from "./types.ts"
 */
import { arrange, element, part, setText } from "./dom.js";
import { describeState } from "./email_state.js";
import { formatTime } from "./format.js";
import { fixText, keepText } from "./ticker.js";

/** As many as the server tells of. */
const MAX_COUNT = 20;

const none = part("emails-none", HTMLElement);
const ofTrace = part("trace-emails", HTMLElement);
const ofTraceTitle = part("trace-emails-title", HTMLElement);
const renderRecent = createList(part("emails", HTMLElement));
const renderOfTrace = createList(part("trace-emails-list", HTMLElement));

/** What the collector knows, once it has told. @type {readonly EmailSummary[] | undefined} */
let known;
/** What this page has sent and the collector does not know yet. @type {EmailSummary[]} */
let sent = [];
/** The emails of the trace that is shown. @type {readonly EmailSummary[]} */
let siblings = [];
/** What is shown. @type {Chosen | undefined} */
let chosen;

/**
 * Shows what the collector knows.
 *
 * @param {readonly EmailSummary[]} emails The recent emails, newest first.
 */
export function showEmails(emails) {
  known = emails;
  const ids = new Set(emails.map(({ emailId }) => emailId));
  sent = sent.filter(({ emailId }) => !ids.has(emailId));
  render();
}

/**
 * Adds an email that this page has just sent.
 *
 * @param {string} traceId Its trace.
 * @param {string} emailId Its id.
 * @param {string} recipientDomain Whom it is for.
 */
export function addSentEmail(traceId, emailId, recipientDomain) {
  const scheduledAt = new Date().toISOString();
  sent.unshift({
    traceId,
    emailId,
    scheduledAt,
    synthetic: false,
    state: { name: "accepted" },
    recipientDomain,
  });
  sent.length = Math.min(sent.length, MAX_COUNT);
  render();
}

/**
 * Shows the emails of a trace, where it has several.
 *
 * @param {readonly EmailSummary[]} emails In the order in which they were accepted.
 * @param {number} [omittedCount] How many more there are.
 */
export function showTraceEmails(emails, omittedCount = 0) {
  siblings = emails.length > 1 ? emails : [];
  setText(ofTraceTitle, `The ${emails.length + omittedCount} emails of this trace`);
  render();
}

/**
 * Marks the email that is shown.
 *
 * @param {Chosen | undefined} nowChosen What the address names.
 */
export function markEmail(nowChosen) {
  chosen = nowChosen;
  render();
}

/**
 * The address within the page of an email.
 *
 * @param {Chosen} email Its trace, and what names it there.
 * @returns {string} The hash.
 */
export function hashOf({ traceId, emailId, spanId }) {
  const name = emailId ?? spanId;
  return `#trace=${traceId}${name === undefined ? "" : `&email=${name}`}`;
}

function render() {
  const emails = [...sent, ...(known ?? [])].slice(0, MAX_COUNT);
  renderRecent(emails);
  none.hidden = known === undefined || emails.length > 0;
  renderOfTrace(siblings);
  ofTrace.hidden = siblings.length === 0;
}

/** @param {HTMLElement} list */
function createList(list) {
  /** @type {Map<string, HTMLElement>} */
  let items = new Map();
  return (/** @type {readonly EmailSummary[]} */ emails) => {
    items = new Map(emails.map((email) => {
      const hash = hashOf(email);
      const item = items.get(hash) ?? emptyItem(hash);
      fillItem(item, email);
      return [hash, item];
    }));
    arrange(list, [...items.values()]);
  };
}

/** @param {EmailSummary} email */
function isChosen({ traceId, emailId, spanId }) {
  const name = chosen?.emailId;
  return chosen?.traceId === traceId && (name === undefined || name === emailId || name === spanId);
}

/** @param {string} href */
function emptyItem(href) {
  return element(
    "li",
    {},
    element(
      "a",
      { href },
      element("span", { class: "icon", "aria-hidden": "true" }),
      element("span", { class: "title" }),
      element("span", { class: "when" }),
      element("span", { class: "about" }),
    ),
  );
}

/**
 * @param {HTMLElement} item
 * @param {EmailSummary} email
 */
function fillItem(item, email) {
  const { state, scheduledAt, recipientDomain, synthetic } = email;
  const { tone, icon, titleAt, explanation, isCounting } = describeState(state);
  const [iconPart, title, when, about] = item.querySelectorAll("span");
  if (!iconPart || !title || !when || !about) return;
  item.dataset.tone = tone;
  const link = item.querySelector("a");
  if (isChosen(email)) link?.setAttribute("aria-current", "true");
  else link?.removeAttribute("aria-current");
  fixText(iconPart, icon);
  if (isCounting) keepText(title, titleAt);
  else fixText(title, titleAt(Date.now()));
  fixText(when, formatTime(scheduledAt));
  const isBad = tone === "failed" || state.name === "retrying";
  fixText(
    about,
    [
      ...(recipientDomain === undefined ? [] : [`to ${recipientDomain}`]),
      ...(synthetic ? ["from the load generator"] : []),
      ...(isBad ? [explanation] : []),
    ].join(" · "),
  );
}
