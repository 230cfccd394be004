/**
 * The filter of Explore. The address holds it (`#view=explore&state=…`) in the words of the API's query, so that links, reloads, back
 * and forward keep it. Every panel reads it here.
 *
 * @module
 */
import { computed, signal } from "@preact/signals";
import { hash, parameters } from "./state.js";

/** What the API filters by, besides the time. */
const NAMES = [
  "search",
  "state",
  "domain",
  "reason",
  "minMs",
  "maxMs",
  "synthetic",
  "edge",
  "failed",
];

const DEFAULT_LAST_MS = 15 * 60_000;

/** How much is shown around a range of the past, as a share of it. */
const AROUND = 0.5;

/** Up to when the view shows, in milliseconds since 1970. It stands still while a range is chosen: nobody's picture moves away. */
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

/** The time that the scatter shows, in which a range can be chosen. A range of the past brings its own. */
export const timeWindow = computed(() => {
  const [fromMs, toMs] = [nowMs.value - lastMs.value, nowMs.value];
  if (range.value === undefined) return { fromMs, toMs };
  const aroundMs = Math.max(1_000, (range.value.toMs - range.value.fromMs) * AROUND);
  return range.value.toMs < fromMs
    ? { fromMs: range.value.fromMs - aroundMs, toMs: range.value.toMs + aroundMs }
    : { fromMs: Math.min(fromMs, range.value.fromMs), toMs: Math.max(toMs, range.value.toMs) };
});

/** The filter as a query of the API: within the range if there is one. */
export const query = computed(() => queryOf(range.value));

/** The same for the whole time that the scatter shows. */
export const windowQuery = computed(() => queryOf(undefined));

/** @param {{ fromMs: number, toMs: number } | undefined} chosen */
function queryOf(chosen) {
  const asked = new URLSearchParams(
    NAMES.flatMap((name) => parameters.value.getAll(name).map((value) => [name, value])),
  );
  const { fromMs, toMs } = chosen ?? timeWindow.value;
  if (fromMs > 0) asked.set("from", String(Math.round(fromMs)));
  // Without a range, an email that a clock ahead dates into the future belongs to it.
  if (range.value !== undefined) asked.set("to", String(Math.round(toMs)));
  return String(asked);
}

/**
 * Changes the filter, as a step in the browser's history.
 *
 * @param {Readonly<Record<string, string | readonly string[] | undefined>>} changes Values by name; `undefined` removes.
 * @param {{ isStep?: boolean }} [options] Whether back leads to what was before. @default true
 */
export function changeFilter(changes, { isStep = true } = {}) {
  const next = new URLSearchParams(parameters.value);
  next.set("view", "explore");
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const one of [value ?? []].flat()) next.append(name, one);
  }
  if (`#${next}` === location.hash) return;
  history[isStep ? "pushState" : "replaceState"](null, "", `#${next}`);
  hash.value = location.hash;
}
