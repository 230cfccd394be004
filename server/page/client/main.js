/**
 * The script of the page. The address says which email is shown (`#trace=…`). A stream of events tells of the recent emails, of that
 * one, and whether the collector is there; everything that the page shows of them comes from it. Sending needs neither the stream nor
 * the collector. A page that nobody sees has no stream: browsers open six connections to a host, and each tab would keep one.
 *
 * @module
 * @import { CollectorStatus, EmailSummary, EmailTrace } from "./types.ts"
 */
import { createApi } from "./api.js";
import { startCompose } from "./compose.js";
import { part, setText } from "./dom.js";
import { addSentEmail, markEmail, showEmails } from "./email_list.js";
import { followEvents } from "./event_stream.js";
import { startFaults } from "./faults.js";
import { showMissing, showTrace, showUnknown, startJourney } from "./journey.js";
import { askToken } from "./token_dialog.js";

/** The server looks for new spans once a second. */
const LOOK_MS = 5_000;

const api = createApi(askToken);
const collector = part("collector", HTMLElement);
const journey = part("journey", HTMLElement);
const notice = part("notice", HTMLElement);

/** What this page has sent. @type {Set<string>} */
const accepted = new Set();
let following = new AbortController();
let isCollectorThere = false;
/** @type {number | undefined} */
let lookTimer;

function chosenTrace() {
  return /^#trace=([0-9a-f]{32})$/.exec(location.hash)?.[1];
}

/** Shows the email that the address names. */
function showChosen() {
  const traceId = chosenTrace();
  const isAccepted = traceId !== undefined && accepted.has(traceId);
  markEmail(traceId);
  showUnknown(api, traceId, isAccepted);
  clearTimeout(lookTimer);
  if (traceId !== undefined && !isAccepted) look();
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
  const traceId = chosenTrace();
  void followEvents(
    api,
    traceId === undefined ? "/api/events" : `/api/events?trace=${traceId}`,
    {
      onEvent: (name, data) => takeEvent(name, data, traceId),
      onConnection: (connection) => {
        if (connection.isOpen) return;
        isCollectorThere = false;
        showConnection("failed", "✗ Not connected", connection.reason);
      },
    },
    following.signal,
  );
}

/** @param {string} traceId */
function choose(traceId) {
  location.hash = `trace=${traceId}`;
  // Where the form fills the window, what it sets in motion is further down.
  if (!matchMedia("(min-width: 1000px)").matches) journey.scrollIntoView();
}

/**
 * @param {string} name
 * @param {unknown} data
 * @param {string | undefined} traceId
 */
function takeEvent(name, data, traceId) {
  switch (name) {
    case "emails":
      showEmails(/** @type {{ emails: readonly EmailSummary[] }} */ (data).emails);
      return;
    case "trace": {
      const trace = /** @type {EmailTrace} */ (data);
      if (trace.traceId !== traceId) return;
      clearTimeout(lookTimer);
      showTrace(api, trace);
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

startJourney();
startCompose(api, ({ traceId, isSampled, recipientDomain }) => {
  if (!isSampled) return;
  accepted.add(traceId);
  addSentEmail(traceId, recipientDomain);
  choose(traceId);
}, choose);
startFaults(api);
part("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  // The hash of the address is that of the email.
  event.preventDefault();
  journey.focus();
});
addEventListener("hashchange", showChosen);
document.addEventListener("visibilitychange", follow);
showChosen();
