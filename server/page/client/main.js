/**
 * The script of the page. The address says which trace or email is shown (`#trace=…&email=…`). A stream of events tells of the recent
 * emails, of that one, and whether the collector is there; everything that the page shows of them comes from it. Sending needs neither the stream nor
 * the collector. A page that nobody sees has no stream: browsers open six connections to a host, and each tab would keep one.
 *
 * @module
 * @import { Chosen, CollectorStatus, EmailSummary, EmailTrace } from "./types.ts"
 */
import { html, render } from "htm/preact";
import { createApi } from "./api.js";
import { startCompose } from "./compose.js";
import { part, setText } from "./dom.js";
import { addSentEmail, hashOf, markEmail, showEmails } from "./email_list.js";
import { followEvents } from "./event_stream.js";
import { startFaults } from "./faults.js";
import { showMissing, showTrace, showUnknown, startJourney } from "./journey.js";
import { SpanDetails } from "./span_details.js";
import { askToken } from "./token_dialog.js";
import { Waterfall } from "./waterfall.js";

/** The server looks for new spans once a second. */
const LOOK_MS = 5_000;

const api = createApi(askToken);
const collector = part("collector", HTMLElement);
const journey = part("journey", HTMLElement);
const notice = part("notice", HTMLElement);

/** The ids of the emails that this page has sent. @type {Set<string>} */
const accepted = new Set();
let following = new AbortController();
let isCollectorThere = false;
/** @type {number | undefined} */
let lookTimer;

const ADDRESS =
  /^#trace=(?!0+(?:&|$))([0-9a-f]{16}|[0-9a-f]{32})(?:&email=([0-9a-f]{16}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?$/;

/**
 * What the address names. Both spellings of an id of 64 bits name one trace.
 *
 * @returns {Chosen | undefined}
 */
function chosen() {
  const [, traceId, emailId] = ADDRESS.exec(location.hash) ?? [];
  return traceId === undefined ? undefined : { traceId: traceId.padStart(32, "0"), emailId };
}

/** Shows what the address names. */
function showChosen() {
  const shown = chosen();
  const isAccepted = shown?.emailId !== undefined && accepted.has(shown.emailId);
  markEmail(shown);
  showUnknown(api, shown, isAccepted);
  clearTimeout(lookTimer);
  if (shown !== undefined && !isAccepted) look();
  follow();
}

/** Gives up after a while, unless nobody could look. */
function look() {
  lookTimer = setTimeout(() => isCollectorThere ? showMissing() : look(), LOOK_MS);
}

/** Follows what happens, for as long as the page can be seen. */
function follow() {
  following.abort();
  isCollectorThere = false;
  if (document.hidden) return;
  following = new AbortController();
  const shown = chosen();
  void followEvents(
    api,
    `/api/events${shown === undefined ? "" : `?${hashOf(shown).slice(1)}`}`,
    {
      onEvent: (name, data) => takeEvent(name, data, shown),
      onConnection: (connection) => {
        if (connection.isOpen) return;
        isCollectorThere = false;
        showConnection("failed", "✗ Not connected", connection.reason);
      },
    },
    following.signal,
  );
}

/** @param {Chosen} email */
function choose(email) {
  location.hash = hashOf(email);
  // Where the form fills the window, what it sets in motion is further down.
  if (!matchMedia("(min-width: 1000px)").matches) journey.scrollIntoView();
}

/**
 * @param {string} name
 * @param {unknown} data
 * @param {Chosen | undefined} shown
 */
function takeEvent(name, data, shown) {
  switch (name) {
    case "emails":
      showEmails(/** @type {{ emails: readonly EmailSummary[] }} */ (data).emails);
      return;
    case "trace": {
      const trace = /** @type {EmailTrace} */ (data);
      if (shown === undefined) return;
      clearTimeout(lookTimer);
      markEmail({ ...shown, emailId: shown.emailId ?? trace.emailId });
      showTrace(api, trace, shown.emailId === undefined);
      return;
    }
    case "collector":
      showCollector(/** @type {CollectorStatus} */ (data));
  }
}

/** @param {CollectorStatus} status */
function showCollector(status) {
  isCollectorThere = status.status === "available";
  if (status.status === "available") {
    showConnection("done", "✓ Live", undefined);
    return;
  }
  showConnection(
    "failed",
    "✗ No collector",
    `${status.reason}. Emails travel all the same; their way cannot be shown meanwhile`,
  );
}

/**
 * @param {"done" | "failed"} tone
 * @param {string} text
 * @param {string | undefined} reason
 */
function showConnection(tone, text, reason) {
  collector.dataset.tone = tone;
  setText(collector, text);
  notice.hidden = reason === undefined;
  setText(notice, reason === undefined ? "" : `${text.slice(2)}: ${reason}`);
}

render(
  html`
    <${Waterfall} />
    <${SpanDetails} />
  `,
  part("waterfall-card", HTMLElement),
);
startJourney();
startCompose(api, ({ id, traceId, isSampled, recipientDomain }) => {
  if (!isSampled) return;
  accepted.add(id);
  addSentEmail(traceId, id, recipientDomain);
  choose({ traceId, emailId: id });
}, (traceId) => choose({ traceId }));
startFaults(api);
part("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  // The hash of the address is that of the email.
  event.preventDefault();
  journey.focus();
});
addEventListener("hashchange", showChosen);
document.addEventListener("visibilitychange", follow);
showChosen();
