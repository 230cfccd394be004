/**
 * The address names the pinned span and the axis as well, so that others see the same.
 *
 * @module
 * @import { Signal } from "@preact/signals"
 */
import { effect, signal, untracked } from "@preact/signals";
import { chosen, hash, pinnedKey, pinnedRow, rows } from "./state.js";
import { axisChoice } from "./time_axis.js";

/** The span in the address, until its row arrives. @type {Signal<string | null>} */
const wanted = signal(null);

/** Starts to read and write the address. */
export function startAddress() {
  effect(() => {
    const parameters = new URLSearchParams(hash.value.slice(1));
    wanted.value = parameters.get("span");
    if (parameters.get("axis") === "true") axisChoice.value = "true";
  });
  effect(() => {
    const row = rows.value.find(({ spanId }) => spanId === wanted.value);
    if (row === undefined) return;
    wanted.value = null;
    pinnedKey.value = row.key;
  });
  effect(() => {
    const span = pinnedRow.value?.spanId ?? null;
    const axis = axisChoice.value === "true" ? "true" : null;
    if (wanted.value === null && untracked(() => chosen.value) !== undefined) write({ span, axis });
  });
}

/** @param {Record<string, string | null>} changes */
function write(changes) {
  const parameters = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
  if (`#${parameters}` !== location.hash) history.replaceState(null, "", `#${parameters}`);
}
