/**
 * The filter of Explore. The address holds it (`#view=explore&state=…`) in the words of the API's query, so that links, reloads, back
 * and forward keep it. Every panel reads it here.
 *
 * @import { ReadonlySignal } from "@preact/signals"
 */
import { computed, signal } from "@preact/signals";
import { formatDuration, formatTime } from "./format.js";
import { nameOf } from "./parties.js";
import { hash, parameters, view } from "./state.js";

/** Parameters of the address that are no filter of the API, or times that are computed here. */
const OTHERS = ["view", "last", "from", "to"];

const DEFAULT_LAST_MS = 15 * 60_000;

/** How much is shown around a range of the past, as a share of it. */
const AROUND = 0.5;

/** How long typing and arrow keys may pause before the server is asked. */
const SOON_MS = 250;

/** The states that a chip stands for. @type {readonly { title: string, states: readonly string[] }[]} */
export const STATE_CHIPS = [
  { title: "Archived", states: ["archived"] },
  { title: "Dead letters", states: ["dead-lettered"] },
  { title: "Refused", states: ["refused"] },
  { title: "On their way", states: ["queued", "sending", "retrying", "delivered"] },
];

/** The end of the shown time, in milliseconds since 1970. It stays while a range is chosen. */
export const nowMs = signal(Date.now());

/** The chosen range, `#from=…&to=…`, in milliseconds since 1970. */
export const range = computed(() => {
  const [fromMs = NaN, toMs = NaN] = ["from", "to"].map((name) => {
    const text = parameters.value.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  });
  return fromMs <= toMs ? { fromMs, toMs } : undefined;
});

/** How far back the view goes, `#last=…`, in milliseconds; `Infinity`: as far as the collector. */
export const lastMs = computed(() => {
  const text = parameters.value.get("last");
  if (text === "all") return Infinity;
  return Number(text) > 0 ? Number(text) : DEFAULT_LAST_MS;
});

/** The time that the scatter shows, in which a range can be chosen. For an earlier range, the time around that range. */
export const timeWindow = computed(() => {
  const [fromMs, toMs] = [nowMs.value - lastMs.value, nowMs.value];
  if (range.value === undefined) return { fromMs, toMs };
  const aroundMs = Math.max(1_000, (range.value.toMs - range.value.fromMs) * AROUND);
  return range.value.toMs < fromMs
    ? { fromMs: range.value.fromMs - aroundMs, toMs: range.value.toMs + aroundMs }
    : { fromMs: Math.min(fromMs, range.value.fromMs), toMs: Math.max(toMs, range.value.toMs) };
});

/** The filter as a query of the API: within the range if there is one. */
export const query = computed(() => queryOf(range.value ?? timeWindow.value));

/** The same for the whole time that the scatter shows. */
export const windowQuery = computed(() => queryOf(timeWindow.value));

/** @param {{ fromMs: number, toMs: number }} time */
function queryOf({ fromMs, toMs }) {
  const asked = new URLSearchParams(parameters.value);
  for (const name of OTHERS) asked.delete(name);
  if (fromMs > 0) asked.set("from", String(Math.round(fromMs)));
  // The newest email may come from a clock that is ahead.
  if (range.value !== undefined) asked.set("to", String(Math.round(toMs)));
  return String(asked);
}

/**
 * The active filters in words, with the changes that end each.
 *
 * @type {ReadonlySignal<readonly { name: string, words: string, end: Changes }[]>}
 */
export const activeFilters = computed(() => {
  const named = parameters.value;
  /** @param {string} name @param {(value: string) => string} inWords */
  const one = (name, inWords) => {
    const value = named.get(name);
    return value === null ? [] : [{ name, words: inWords(value), end: { [name]: undefined } }];
  };
  const states = named.getAll("state");
  const chips = STATE_CHIPS.filter((chip) => chip.states.some((state) => states.includes(state)));
  const failed = named.has("failed") ? ", failed" : "";
  return [
    ...one("search", (text) => `“${text}”`),
    ...(range.value === undefined ? [] : [{
      name: "range",
      words: [range.value.fromMs, range.value.toMs].map(formatTime).join(" to "),
      end: { from: undefined, to: undefined },
    }]),
    ...(states.length === 0 ? [] : [{
      name: "state",
      words: chips.map(({ title }) => title).join(", ") || "Unknown state",
      end: { state: undefined },
    }]),
    ...one("domain", (domain) => `To ${domain}`),
    ...one("reason", (reason) => reason),
    ...one("minMs", (ms) => `At least ${formatDuration(Number(ms) * 1_000)}`),
    ...one("maxMs", (ms) => `At most ${formatDuration(Number(ms) * 1_000)}`),
    ...one("synthetic", () => "Without load"),
    ...one("edge", (edge) => edge.split(">").map(nameOf).join(" to ") + failed)
      .map((edge) => ({ ...edge, end: { ...edge.end, failed: undefined } })),
  ];
});

/** @typedef {Readonly<Record<string, string | readonly string[] | undefined>>} Changes Values by name; `undefined` removes. */

/** @param {Changes} changes @param {boolean} [isStep] Whether back leads to what was before. */
export function changeFilter(changes, isStep = true) {
  settle();
  const isShown = view.value === "explore";
  const next = new URLSearchParams(isShown ? parameters.value : {});
  next.set("view", "explore");
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const one of [value ?? []].flat()) next.append(name, one);
  }
  if (!isShown) location.hash = `#${next}`;
  else if (`#${next}` !== location.hash) {
    history[isStep ? "pushState" : "replaceState"](null, "", `#${next}`);
    hash.value = location.hash;
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {(() => void) | undefined} */
let pending;

/** Makes a change a moment after the last of several calls, or before another change: for typed letters. @param {() => void} change */
export function whenCalm(change) {
  clearTimeout(timer);
  pending = change;
  timer = setTimeout(settle, SOON_MS);
}

function settle() {
  clearTimeout(timer);
  const change = pending;
  pending = undefined;
  change?.();
}
