/** The page's layout. */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { Compose } from "./compose.js";
import { focusOn } from "./controls.js";
import { RecentEmails } from "./email_list.js";
import { Search } from "./explore_bar.js";
import { FaultDialog } from "./faults.js";
import { formatTime } from "./format.js";
import { Icon } from "./icons.js";
import { Journey } from "./journey.js";
import { VIEW } from "./kept_focus.js";
import { done, lessons } from "./lesson_state.js";
import { Mail } from "./mail.js";
import { repeat, TokenDialog } from "./message_server.js";
import { OpenTraceDialog } from "./open_trace.js";
import { Scenarios, togglePresenter } from "./presenter.js";
import { KeysDialog } from "./shortcuts.js";
import { SpanDetails } from "./span_details.js";
import {
  connection,
  hash,
  isPresenting,
  knownEmails,
  lastHashes,
  pages,
  SETTINGS,
  view,
} from "./state.js";
import { toggleTheme } from "./theme.js";
import { Waterfall } from "./waterfall.js";

/** How long to wait before a view's modules are asked for again. */
const LOAD_PAUSE_MS = 2_000;

/**
 * The views by their names in the address; the navigation shows those with a title.
 *
 * @type {Readonly<Record<string, { title?: string, content: () => unknown }>>}
 */
const VIEWS = {
  journey: { title: "Journey", content: JourneyDesk },
  explore: {
    title: "Explore",
    content: later(async () => (await import("./explore.js")).Explore),
  },
  lessons: {
    title: "Lessons",
    content: later(async () => (await import("./lessons.js")).Lessons),
  },
  compare: { content: later(async () => (await import("./compare.js")).Compare) },
};

/** A view whose modules are loaded when it is first shown, and the server is there. @param {() => Promise<() => unknown>} load */
function later(load) {
  const content = signal(/** @type {(() => unknown) | undefined} */ (undefined));
  const tryToLoad = async () => {
    content.value ??= await load().catch(() => undefined);
  };
  return function Later() {
    useEffect(() => content.value === undefined ? repeat(tryToLoad, LOAD_PAUSE_MS) : undefined, [
      content.value,
    ]);
    return content.value === undefined
      ? html`<main tabindex="-1"></main>`
      : html`<${content.value} />`;
  };
}

export function App() {
  const place = isPresenting.value || view.value === "journey" ? "journey" : "content";
  return html`
    <a class="skip" href="#main" id="skip" onClick=${skip}>Skip to the ${place}</a>
    ${isPresenting.value ? html`<${Stage} />` : html`<${Desk} />`}
    <${Notice} /><${FaultDialog} /><${KeysDialog} /><${OpenTraceDialog} /><${TokenDialog} />
  `;
}

/** For one person: everything. */
function Desk() {
  const { content = JourneyDesk } = VIEWS[view.value] ?? {};
  return html`
    <${TopBar} />
    <${content} />
    <footer class="muted">Version ${SETTINGS.version}</footer>
  `;
}

/** One email: the form that sends it, its journey, its spans. */
function JourneyDesk() {
  return html`
    <${Compose} />
    <main class="work">
      <${RecentEmails} />
      <div class="centre">
        <${Journey} />
        <div class="split">
          <${Waterfall} />
          <aside class="card dock" aria-label="Details">
            <${SpanDetails} />
            <${Mail} />
          </aside>
        </div>
      </div>
    </main>
  `;
}

/** For an audience: no form, no list, large type. */
function Stage() {
  return html`
    <main class="stage">
      <${Journey} />
      <${Waterfall} />
      <${Scenarios} />
    </main>
  `;
}

function TopBar() {
  const { Inbox: inbox, Zipkin: standIn } = pages.value;
  const traceUrl = knownEmails.value?.find((email) => email.traceUrl !== undefined)?.traceUrl;
  const collector = standIn ?? traceUrl?.replace(/traces\/[0-9a-f]+$/, "");
  return html`
    <header class="top">
      <span class="brand">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M3 6h9M8 12h9M12 18h9" />
        </svg>
        <h1>Tracing Playground</h1>
      </span>
      <nav aria-label="Pages">
        <${ViewLinks} />
        ${collector !== undefined && html`<a href=${collector}>Zipkin</a>`}
        ${inbox !== undefined && html`<a href=${inbox}>Inbox</a>`}
        <a href="/api">API</a>
      </nav>
      <${Search} />
      <${Collector} />
      <button type="button" class="bare" aria-label="Light or dark" title="Light or dark"
        onClick=${toggleTheme}><${Icon} name="theme" /></button>
      <button type="button" class="present-button"
        onClick=${togglePresenter}><${Icon} name="screen" />Present <kbd>p</kbd></button>
    </header>
  `;
}

function ViewLinks() {
  lastHashes[view.value] = hash.value;
  return Object.entries(VIEWS).map(([name, { title }]) => {
    if (title === undefined) return null;
    const isShown = name === view.value;
    const bare = name === "journey" ? "#" : `#view=${name}`;
    const href = isShown ? bare : lastHashes[name] || bare;
    const count = name === "lessons" && html`<${DoneCount} />`;
    return html`
      <a href=${href} aria-current=${isShown ? "page" : undefined}>${title} ${count}</a>
    `;
  });
}

/** How many lessons are completed. */
function DoneCount() {
  if (done.value.size === 0) return null;
  const of = lessons.value === undefined ? "" : ` of ${lessons.value.length}`;
  return html`<span class="pill">${done.value.size}${of}</span>`;
}

function Collector() {
  const shown = connection.value;
  const [tone, text] = shown.status === "away"
    ? ["fail", shown.title]
    : shown.status === "live"
    ? ["done", "Live"]
    : ["idle", "Connecting …"];
  return html`<p id="collector" class="pill" data-tone=${tone} role="status">${text}</p>`;
}

/** Why there is no connection; an overlay, so that the layout does not shift. */
function Notice() {
  const shown = connection.value;
  const text = shown.status === "away" &&
    html`${shown.title} since ${formatTime(shown.since)}: <bdi>${shown.reason}</bdi>`;
  return html`<p id="notice" class="notice" role="status" hidden=${!text}>${text}</p>`;
}

/** @param {Event} event */
function skip(event) {
  // The hash of the address is that of the email.
  event.preventDefault();
  focusOn(VIEW);
}
