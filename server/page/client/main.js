/**
 * The script of the page. The address says which trace or email is shown (`#trace=…&email=…`). A stream of events tells of the recent
 * emails, of that one, and whether the collector is there; everything that the page shows of them comes from it. Sending needs neither
 * the stream nor the collector. A page that nobody sees has no stream: browsers open six connections to a host, and each tab would
 * keep one.
 *
 * @module
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
import { startMail } from "./mail.js";
import { api } from "./message_server.js";
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
} from "./state.js";
import { startTimeRange } from "./time_range.js";

/** The server looks for new spans once a second. */
const LOOK_MS = 5_000;

let following = new AbortController();
/** @type {number | undefined} */
let lookTimer;

/** Shows what the address names. */
function showChosen() {
  hash.value = location.hash;
  received.value = undefined;
  isMissing.value = false;
  clearTimeout(lookTimer);
  if (trace.value === undefined) look();
  follow();
}

/** Gives up after a while, unless nobody could look. Should a span come after all, it is shown. */
function look() {
  lookTimer = setTimeout(() => {
    if (connection.value.status === "live") isMissing.value = true;
    else look();
  }, LOOK_MS);
}

/** Follows what happens, for as long as the page can be seen. */
function follow() {
  following.abort();
  if (document.hidden) return;
  following = new AbortController();
  const shown = chosen.value;
  void followEvents(
    api,
    `/api/events${shown === undefined ? "" : `?${hashOf(shown).slice(1)}`}`,
    {
      onEvent: (name, data) => takeEvent(name, data, shown),
      onConnection: (state) => {
        if (!state.isOpen) loseTouch("Not connected", state.reason);
      },
    },
    following.signal,
  );
}

/**
 * @param {string} name
 * @param {unknown} data
 * @param {Chosen | undefined} shown
 */
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
  }
}

/** @param {CollectorStatus} collector */
function showCollector(collector) {
  if (collector.status === "available") connection.value = { status: "live" };
  else {
    loseTouch(
      "No collector",
      `${collector.reason}. Emails travel all the same; their spans wait`,
    );
  }
}

/**
 * @param {string} title
 * @param {string} reason
 */
function loseTouch(title, reason) {
  const { status, since = new Date() } = { since: undefined, ...connection.value };
  connection.value = {
    status: "away",
    title,
    reason,
    since: status === "away" ? since : new Date(),
  };
}

addEventListener("hashchange", showChosen);
document.addEventListener("visibilitychange", follow);
const app = document.getElementById("app");
if (app === null) throw new Error("The page has no place for the app");
startReplay();
startAddress();
startEnvelope();
startTitle();
startMail();
startShortcuts();
startTimeRange();
startFaults();
showChosen();
render(html`<${App} />`, app);
if (isExample.value) play();
