/**
 * The recent emails, each a link to itself with its state.
 *
 * @module
 * @import { EmailSummary } from "./types.ts"
 */
import { arrange, element, part } from "./dom.js";
import { describeState } from "./email_state.js";
import { formatTime } from "./format.js";
import { fixText, keepText } from "./ticker.js";

/** As many as the server tells of. */
const MAX_COUNT = 20;

const list = part("emails", HTMLElement);
const none = part("emails-none", HTMLElement);

/** @type {Map<string, HTMLElement>} */
let items = new Map();
/** @type {readonly EmailSummary[]} */
let known = [];
/** What this page has sent and the collector does not know yet. @type {EmailSummary[]} */
let sent = [];

/**
 * Shows what the collector knows.
 *
 * @param {readonly EmailSummary[]} emails The recent emails, newest first.
 */
export function showEmails(emails) {
  known = emails;
  const ids = new Set(emails.map(({ traceId }) => traceId));
  sent = sent.filter(({ traceId }) => !ids.has(traceId));
  render();
}

/**
 * Adds an email that this page has just sent.
 *
 * @param {string} traceId Its trace.
 * @param {string} recipientDomain Whom it is for.
 */
export function addSentEmail(traceId, recipientDomain) {
  const scheduledAt = new Date().toISOString();
  sent.unshift({
    traceId,
    scheduledAt,
    synthetic: false,
    state: { name: "accepted" },
    recipientDomain,
  });
  sent.length = Math.min(sent.length, MAX_COUNT);
  render();
}

/**
 * Marks the email that is shown.
 *
 * @param {string | undefined} traceId Its trace.
 */
export function markEmail(traceId) {
  for (const [id, item] of items) {
    const link = item.querySelector("a");
    if (id === traceId) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }
}

function render() {
  const emails = [...sent, ...known].slice(0, MAX_COUNT);
  const current = list.querySelector("[aria-current]")?.getAttribute("href");
  items = new Map(emails.map((email) => {
    const item = items.get(email.traceId) ?? emptyItem(email.traceId);
    fillItem(item, email);
    return [email.traceId, item];
  }));
  arrange(list, [...items.values()]);
  none.hidden = emails.length > 0;
  markEmail((current ?? location.hash).replace("#trace=", ""));
}

/** @param {string} traceId */
function emptyItem(traceId) {
  return element(
    "li",
    {},
    element(
      "a",
      { href: `#trace=${traceId}` },
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
function fillItem(item, { state, scheduledAt, recipientDomain, synthetic }) {
  const { tone, icon, titleAt, explanation, isCounting } = describeState(state);
  const [iconPart, title, when, about] = item.querySelectorAll("span");
  if (!iconPart || !title || !when || !about) return;
  item.dataset.tone = tone;
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
