/**
 * The page's state and the person's choices, as signals: a component that reads one is redrawn when it changes.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Chosen, EmailSummary, EmailTrace, Fault, Journeyed, Settings, TraceComparison } from "./types.ts"
 */
import { isEmailName, toTraceId } from "@playground/server/trace-id";
import { computed, signal } from "@preact/signals";
import { legsOf, momentAt, momentNow } from "./legs.js";
import { AT, EDGES, PARTIES } from "./parties.js";

/** The settings in the page's shell. @type {Settings} */
export const SETTINGS = JSON.parse(document.getElementById("app")?.dataset.settings ?? "");

/** The part of the address that names the view and what it shows: `#trace=…&email=…`, `#view=explore&state=…`. */
export const hash = signal(location.hash);

/** The parameters of {@linkcode hash}. */
export const parameters = computed(() => new URLSearchParams(hash.value.slice(1)));

/** The view that the address names. A time range alone, as the links of a dashboard have it, is for Explore. */
export const view = computed(() => {
  const named = parameters.value;
  return named.get("view") ?? (named.has("from") && !named.has("trace") ? "explore" : "journey");
});

/** Where each view was last: the navigation leads back there, and the stage to the journey. @type {Record<string, string>} */
export const lastHashes = {};

/** The trace or email in the address. Both spellings of a trace id of 64 bits name one trace. */
export const chosen = computed(() => {
  if (view.value !== "journey" && view.value !== "lessons") return undefined;
  const traceId = toTraceId(parameters.value.get("trace") ?? "");
  const emailId = parameters.value.get("email") ?? "";
  if (traceId === undefined) return undefined;
  return { traceId, ...(isEmailName(emailId) && { emailId }) };
});

/** The emails sent from this page that the collector does not have yet. @type {Signal<readonly EmailSummary[]>} */
export const sentEmails = signal([]);

/** The recent, newest first; `undefined` before the collector has answered. @type {Signal<readonly EmailSummary[] | undefined>} */
export const knownEmails = signal();

/** The trace of the email in the address. @type {Signal<EmailTrace | undefined>} */
export const received = signal();

/** The comparison in the view of that name. @type {Signal<TraceComparison | undefined>} */
export const comparison = signal();

/** The traces of files, which are not in the collector, by the files' names. @type {Signal<ReadonlyMap<string, EmailTrace>>} */
export const opened = signal(new Map());

/** The file in the address, `#file=…`. After a reload, the page does not have it any more. */
export const shownFile = computed(() => {
  const name = parameters.value.get("file") ?? "";
  return opened.value.has(name) ? name : undefined;
});

/** Whether the collector still has no span of the email after a while. */
export const isMissing = signal(false);

/**
 * The status of the connections to the server and from there to the collector.
 *
 * @type {Signal<{ status: "connecting" | "live" } | { status: "away", title: string, reason: string, since: Date }>}
 */
export const connection = signal({ status: "connecting" });

/** The faults; empty without stand-ins. @type {Signal<readonly Fault[]>} */
export const faults = signal([]);

/** Where the pages of the stand-ins are, by their names. @type {Signal<Readonly<Record<string, string>>>} */
export const pages = signal({});

/** Whether only the 202 of the shown email is known. */
const isJustSent = computed(() =>
  sentEmails.value.some(({ emailId }) => emailId !== undefined && emailId === chosen.value?.emailId)
);

/** The shown email's trace; an example if none is chosen. */
export const trace = computed(() => {
  if (shownFile.value !== undefined) return opened.value.get(shownFile.value);
  if (chosen.value === undefined) return SETTINGS.example;
  return received.value ?? (isJustSent.value ? acceptedTrace(chosen.value) : undefined);
});

/** Whether what is shown is the example. */
export const isExample = computed(() => trace.value === SETTINGS.example);

/** The rows of the waterfall, from top to bottom. */
export const rows = computed(() => trace.value?.rows ?? []);

/** The row that a click has pinned, by its key. @type {Signal<string | undefined>} */
export const pinnedKey = signal();

/** The row under the pointer or with the focus, by its key. @type {Signal<string | undefined>} */
export const hoveredKey = signal();

/** The row whose details stay. */
export const pinnedRow = computed(() => rows.value.find(({ key }) => key === pinnedKey.value));

/** The current row: hovering previews, a click pins. */
export const shownRow = computed(() =>
  rows.value.find(({ key }) => key === hoveredKey.value) ?? pinnedRow.value
);

/** The rows of the diagram's edge under the pointer, by their keys. @type {Signal<readonly string[]>} */
export const litKeys = signal([]);

/** The moment that is shown, in microseconds from the start of the picture; `undefined`: now. @type {Signal<number | undefined>} */
export const momentUs = signal();

/** The legs of the email's journey; none for a picture of several emails. */
export const legs = computed(() => {
  const isWhole = chosen.value?.emailId === undefined && (trace.value?.emails.length ?? 0) > 1;
  return isWhole ? [] : legsOf(rows.value);
});

/** The picture of the journey at the shown moment; none for a trace without an email. */
export const moment = computed(() => {
  if (!isJourneyed(trace.value)) return undefined;
  return momentUs.value === undefined
    ? momentNow(trace.value)
    : momentAt(trace.value, legs.value, momentUs.value);
});

/** How many emails waited at the broker since the page was opened. @type {Signal<readonly (readonly [ms: number, count: number | null])[]>} */
export const waiting = signal([]);

/** Presenter mode: no form, large type. */
export const isPresenting = signal(new URLSearchParams(location.search).has("present"));

/** Whether the list of the emails shows its texts. */
export const isListOpen = signal(matchMedia("(width >= 87.5rem)").matches);

export function toggleList() {
  isListOpen.value = !isListOpen.value;
}

/** Whether a trace has an email. @param {EmailTrace | undefined} trace @returns {trace is Journeyed} */
export function isJourneyed(trace) {
  return trace?.state !== undefined && trace.diagram !== undefined;
}

/** The state of an email from the server's 202 alone: RabbitMQ has it. @param {Chosen} email @returns {EmailTrace} */
function acceptedTrace({ traceId, emailId }) {
  return {
    traceId,
    emailId,
    state: { name: "accepted" },
    rows: [],
    diagram: {
      nodes: PARTIES.slice(0, 3).map(({ id }, index) => ({
        id,
        state: index < AT.broker ? "done" : "active",
      })),
      edges: EDGES.slice(0, AT.broker)
        .map((id) => ({ id, state: "done", waiting: false, attemptCount: 1, rowKeys: [] })),
    },
    emails: [],
  };
}
