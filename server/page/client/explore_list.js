/**
 * The emails that the filter finds, newest first, page by page to the end. While somebody reads them, new ones are only counted.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answered } from "./answers.js"
 * @import { Answer, EmailSummary, FoundEmails } from "./types.ts"
 */
import { traceNamed } from "@playground/server/trace-id";
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { compareHash } from "./address.js";
import { focusOn, placeAfter } from "./controls.js";
import { hashOf } from "./email_list.js";
import { describeState } from "./email_state.js";
import { Crossed } from "./explore_bar.js";
import { activeFilters, query } from "./explore_filter.js";
import { countOf, formatDuration, formatTime } from "./format.js";
import { Icon } from "./icons.js";
import { api } from "./message_server.js";
import { hash } from "./state.js";

/** How many emails come first, and with each step. */
export const PAGE_SIZE = 25;
const MORE_SIZE = 100;

/** The end of the scale of durations: 1000 s. */
const MAX_DURATION_MS = 1_000_000;

/**
 * @typedef {object} Listed
 * @property {string} forHash The address to which they belong.
 * @property {readonly (readonly EmailSummary[])[]} pages
 * @property {string} [nextCursor]
 * @property {number} matchCount How many there are in all.
 * @property {readonly EmailSummary[]} newer Those that came while the rows were read.
 */

/** The listed emails; they outlive the view, for the way back from an email. @type {Signal<Listed | undefined>} */
const listed = signal();

/** The email that was opened last. */
let openedHash = "";

/**
 * Takes a fresh first page.
 *
 * @param {Listed | undefined} before @param {FoundEmails} fresh @param {string} forHash
 * @param {boolean} isRead Whether somebody reads the rows: they keep their places, with their latest states.
 * @returns {Listed}
 */
function merge(before, fresh, forHash, isRead) {
  const { emails, matchCount, nextCursor } = fresh;
  if (before?.forHash !== forHash || !isRead || before.matchCount === 0) {
    return { forHash, pages: [emails], newer: [], matchCount, ...(nextCursor && { nextCursor }) };
  }
  const freshByHash = new Map(emails.map((email) => [hashOf(email), email]));
  const pages = before.pages.map((page) =>
    page.some((email) => freshByHash.has(hashOf(email)))
      ? page.map((email) => freshByHash.get(hashOf(email)) ?? email)
      : page
  );
  const known = new Set(before.pages.flat().map(hashOf));
  const firstKnown = emails.findIndex((email) => known.has(hashOf(email)));
  return {
    ...before,
    pages,
    matchCount,
    newer: emails.slice(0, firstKnown < 0 ? undefined : firstKnown),
  };
}

/** @param {{ answer: Answered<FoundEmails> }} props */
export function ExploreList({ answer: { body, forHash } }) {
  const [ticked, setTicked] = useState(/** @type {readonly string[]} */ ([]));
  const readTicks = () => setTicked(hashesOf("#explore-list :checked"));
  useEffect(() => {
    if (body === undefined || forHash === undefined) return;
    const isRead = (listed.value?.pages.length ?? 0) > 1 ||
      document.querySelector("#explore-list:is(:hover, :focus-within, :has(tbody :checked))") !==
        null;
    listed.value = merge(listed.value, body, forHash, isRead);
  }, [body]);
  useEffect(readTicks, [listed.value]);
  useEffect(() => {
    if (openedHash !== "") focusOn(`#explore-list a[href="${openedHash}"]`);
    openedHash = "";
  }, []);
  const shown = listed.value;
  if (shown === undefined || (body === undefined && shown.forHash !== hash.value)) {
    return html`
      <section class="card" id="explore-list">
        <header class="flow">
          <h2>Emails</h2>
        </header>
      </section>
    `;
  }
  const { matchCount, newer, pages } = shown;
  const showNewer = () =>
    body && forHash && (listed.value = merge(undefined, body, forHash, false));
  return html`
    <section class="card" id="explore-list" aria-labelledby="explore-list-title">
      <header class="flow">
        <h2 id="explore-list-title">${countOf(matchCount, "email")}</h2>
        <span class="muted">newest first</span>
        <span role="status">${newer.length > 0 && html`
          <button type="button" class="chip on" id="show-newer"
            onClick=${showNewer}>${newer.length}${newer.length === PAGE_SIZE && "+"} new</button>
        `}</span>
        <button type="button" class="end" id="compare-ticked" title="Tick two emails"
          disabled=${ticked.length !== 2} onClick=${() => compare(ticked)}>
          <${Icon} name="same" />Compare ${ticked.length > 0 && ticked.length}
        </button>
      </header>
      ${matchCount === 0 ? html`<${Nothing} />` : html`
        <table onKeyDown=${walk} onClick=${openRow} onChange=${readTicks}>
          <thead>
            <tr>
              <th scope="col"><span class="sr-only">Compare</span></th>
              ${COLUMNS.map((title) => html`<th scope="col">${title}</th>`)}
            </tr>
          </thead>
          ${pages.map((emails, index) => html`<${Page} key=${index} emails=${emails} />`)}
        </table>
        <${More} listed=${shown} />
      `}
    </section>
  `;
}

const COLUMNS = ["State", "Email", "To", "Attempts", "Duration", "Spans", "Sent", "Reason"];

/** Some rows. With the same emails they are not drawn again: thousands would take too long. @param {{ emails: readonly EmailSummary[] }} props */
function Page({ emails }) {
  const rows = () => emails.map((email) => html`<${Row} key=${hashOf(email)} email=${email} />`);
  return useMemo(() => html`<tbody>${rows()}</tbody>`, [emails]);
}

/** @param {{ email: EmailSummary }} props */
function Row({ email }) {
  const { emailId, recipientDomain, attempts, durationMs, spanCount, scheduledAt, reason } = email;
  const { tone, icon, title } = describeState(email.state);
  const [href, name] = [hashOf(email), emailId?.slice(0, 4) ?? "–"];
  const failedCount = attempts.filter((attempt) => attempt === "failed").length;
  return html`
    <tr data-tone=${tone}>
      <td><input type="checkbox" value=${href} aria-label=${`Tick ${name} to compare`} /></td>
      <td class="state-cell"><${Icon} name=${icon} />${title}${email.synthetic && ", load"}</td>
      <td><a class="mono" href=${href} onClick=${() => openedHash = href}>${name}</a></td>
      <td class="domain"><bdi>${recipientDomain}</bdi></td>
      <td class="pips">
        <span class="sr-only">${attempts.length}${failedCount > 0 &&
          `, ${failedCount} failed`}</span>
        ${attempts.map((attempt) => html`<${Icon} name=${PIPS[attempt]} class=${PIPS[attempt]} />`)}
      </td>
      <td class="duration">
        <i class="meter"><i style=${{ width: `${shareOf(durationMs) * 100}%` }}></i></i>
        ${formatDuration(durationMs * 1_000)}
      </td>
      <td class="spans">${spanCount}</td>
      <td class="sent">${formatTime(scheduledAt)}</td>
      <td class="reason-cell"><bdi>${reason}</bdi></td>
    </tr>
  `;
}

const PIPS = /** @type {const} */ ({ failed: "x", done: "v", open: "o" });

/** How long the bar of a duration is: by its logarithm, as in the scatter. @param {number} durationMs */
function shareOf(durationMs) {
  return Math.min(1, Math.max(0.02, Math.log(durationMs) / Math.log(MAX_DURATION_MS)));
}

/** The button for the emails that are not listed yet. @param {{ listed: Listed }} props */
function More({ listed: { pages, nextCursor, matchCount } }) {
  const [said, say] = useState("");
  const [isLoading, setLoading] = useState(false);
  const count = pages.reduce((sum, page) => sum + page.length, 0);
  const load = async () => {
    if (isLoading) return;
    setLoading(true);
    const cursor = encodeURIComponent(nextCursor ?? "");
    const path = `/api/explore/emails?${query.value}&limit=${MORE_SIZE}&cursor=${cursor}`;
    /** @type {Answer<FoundEmails>} */
    const answer = await api.call(path);
    setLoading(false);
    say(answer.ok ? "" : answer.problem.detail);
    const before = listed.value;
    // The filter may have changed meanwhile.
    const isSame = before?.forHash === hash.value && before.nextCursor === nextCursor;
    if (!answer.ok || !isSame) return;
    const { emails, matchCount, nextCursor: next } = answer.body;
    listed.value = { ...before, pages: [...before.pages, emails], matchCount, nextCursor: next };
  };
  return html`
    <p class="muted show-more" role="status">
      ${count.toLocaleString()} of ${matchCount.toLocaleString()}.${" "}
      ${nextCursor !== undefined && html`
        <button type="button" class="link" id="show-more" aria-disabled=${String(isLoading)}
          onClick=${load}>Show more</button>
      `}
      ${said}
    </p>
  `;
}

/** The text without emails: each filter has a cross. */
function Nothing() {
  return html`
    <div class="nothing flow">
      <p>${activeFilters.value.length > 0 ? "No email matches." : "No emails in this time."}</p>
      ${activeFilters.value.map(Crossed)}
    </div>
  `;
}

/** The whole row is a target. @param {MouseEvent} event */
function openRow({ target }) {
  if (!(target instanceof Element) || target.closest("a, input, thead") !== null) return;
  target.closest("tr")?.querySelector("a")?.click();
}

/** Arrow keys walk the rows, the space bar ticks one; Enter opens it, as a link does. @param {KeyboardEvent} event */
function walk(event) {
  const { target, key } = event;
  if (!(target instanceof HTMLElement)) return;
  const links = [...document.querySelectorAll("#explore-list tbody a")];
  const row = target.closest("tr");
  const at = links.findIndex((link) => link === row?.querySelector("a"));
  const next = links[placeAfter(event, at, links.length) ?? -1];
  if (next instanceof HTMLElement) next.focus();
  else if (key === " " && target.matches("a")) row?.querySelector("input")?.click();
  else return;
  event.preventDefault();
}

/** @param {string} selector @returns {readonly string[]} */
function hashesOf(selector) {
  return [...document.querySelectorAll(selector)]
    .flatMap((box) => box instanceof HTMLInputElement ? [box.value] : []);
}

/** @param {readonly string[]} hashes Those of two emails. */
function compare(hashes) {
  const [left, right] = hashes.map(traceNamed);
  if (left !== undefined) location.hash = compareHash(left, right);
}
