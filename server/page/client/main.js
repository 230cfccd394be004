/**
 * The script of the page. The address says which view is shown, and of which trace or email (`#trace=…&email=…`). A stream of
 * events brings the recent emails, the shown one, the collector's status, and how many emails wait. Sending needs neither the
 * stream nor the collector.
 * A hidden page has no stream: browsers open six connections to a host, and each tab would keep one.
 *
 * @import { Chosen, CollectorStatus, EmailSummary, EmailTrace } from "./types.ts"
 */
import { html, render } from "htm/preact";
import { startAddress } from "./address.js";
import { App } from "./app.js";
import { hashOf } from "./email_list.js";
import { startEnvelope } from "./envelope.js";
import { followEvents } from "./event_stream.js";
import { startFaults } from "./faults.js";
import { startTitle } from "./journey.js";
import { startFocus } from "./kept_focus.js";
import { api } from "./message_server.js";
import { startLessons } from "./lesson_state.js";
import { startOpenTrace } from "./open_trace.js";
import { play, startReplay } from "./replay.js";
import { startShortcuts } from "./shortcuts.js";
import {
  chosen,
  connection,
  hash,
  isExample,
  isMissing,
  knownEmails,
  received,
  trace,
  view,
  waiting,
} from "./state.js";

/** Several times as long as the server waits between two reads of the collector. */
const LOOK_MS = 5_000;

/** How many counts of waiting emails the page keeps. */
const MAX_SAMPLES = 7_200;

let following = new AbortController();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let lookTimer;

/** Shows what the address names. Without an email, the stream is the same in each view. */
function takeAddress() {
  const before = chosen.value;
  hash.value = location.hash;
  if (before !== undefined || chosen.value !== undefined) showChosen();
}

function showChosen() {
  received.value = undefined;
  isMissing.value = false;
  clearTimeout(lookTimer);
  if (trace.value === undefined) look();
  follow();
}

/** Gives up after a while, unless the stream was down. A late span is still shown. */
function look() {
  lookTimer = setTimeout(() => {
    if (connection.value.status === "live") isMissing.value = true;
    else look();
  }, LOOK_MS);
}

/** Follows the stream while the page is visible. */
function follow() {
  following.abort();
  if (document.hidden) return takeWaiting(null);
  following = new AbortController();
  const shown = chosen.value;
  void followEvents(
    api,
    `/api/events${shown === undefined ? "" : `?${hashOf(shown).slice(1)}`}`,
    (name, data) => takeEvent(name, data, shown),
    (reason) => {
      takeWaiting(null);
      loseTouch("Not connected", reason);
    },
    following.signal,
  );
}

/** @param {string} name @param {unknown} data @param {Chosen | undefined} shown */
function takeEvent(name, data, shown) {
  switch (name) {
    case "emails":
      knownEmails.value = /** @type {{ emails: readonly EmailSummary[] }} */ (data).emails;
      return;
    case "trace":
      if (shown === undefined) return;
      clearTimeout(lookTimer);
      received.value = /** @type {EmailTrace} */ (data);
      return;
    case "collector":
      showCollector(/** @type {CollectorStatus} */ (data));
      return;
    case "queues":
      takeWaiting(/** @type {{ waitingCount?: number }} */ (data).waitingCount ?? null);
  }
}

/** Records a count: the server sends one at each change, so the last one held until now. @param {number | null} count `null`: unknown from now on. */
function takeWaiting(count) {
  const [nowMs, before] = [Date.now(), waiting.value.at(-1)?.[1] ?? null];
  if (count === before) return;
  /** @type {typeof waiting.value} */
  const samples = [...waiting.value, [nowMs, before], [nowMs, count]];
  waiting.value = samples.slice(-MAX_SAMPLES);
}

/** @param {CollectorStatus} collector */
function showCollector(collector) {
  if (collector.status === "available") connection.value = { status: "live" };
  else {
    loseTouch("No collector", `${collector.reason}. Emails travel all the same; their spans wait`);
  }
}

/** @param {string} title @param {string} reason */
function loseTouch(title, reason) {
  const since = connection.value.status === "away" ? connection.value.since : new Date();
  connection.value = { status: "away", title, reason, since };
}

addEventListener("hashchange", takeAddress);
document.addEventListener("visibilitychange", follow);
const app = document.getElementById("app");
if (app === null) throw new Error("The page has no place for the app");
startReplay();
startAddress();
startEnvelope();
startTitle();
startShortcuts();
startFocus(app);
startFaults();
startLessons();
startOpenTrace();
showChosen();
render(html`<${App} />`, app);
if (isExample.value && view.value === "journey") play();
