/**
 * The address names the pinned span and the axis as well, so that others see the same.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Chosen } from "./types.ts"
 */
import { effect, signal, untracked } from "@preact/signals";
import { chosen, parameters, pinnedKey, rows } from "./state.js";
import { axisChoice } from "./time_axis.js";

/** The span in the address, until its row arrives. @type {Signal<string | null>} */
const wanted = signal(null);

/** Starts to read and write the address. */
export function startAddress() {
  effect(() => {
    wanted.value = parameters.value.get("span");
    if (parameters.value.get("axis") === "true") axisChoice.value = "true";
  });
  effect(() => {
    const row = rows.value.find(({ spanId }) => spanId === wanted.value);
    if (row === undefined) return;
    wanted.value = null;
    pinnedKey.value = row.key;
  });
  effect(() => {
    // Also for the next trace, whose address does not name the axis yet.
    const span = rows.value.find(({ key }) => key === pinnedKey.value)?.spanId;
    const axis = axisChoice.value === "true" ? "true" : undefined;
    if (wanted.value !== null || untracked(() => chosen.value) === undefined) return;
    const next = new URLSearchParams(location.hash.slice(1));
    for (const [name, value] of Object.entries({ span, axis })) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    if (`#${next}` !== location.hash) history.replaceState(null, "", `#${next}`);
  });
}

/** The address within the page of a comparison. @param {Chosen} left @param {Chosen} [right] @default a healthy email */
export function compareHash(left, right) {
  const side = (/** @type {string} */ name, /** @type {Chosen | undefined} */ one) =>
    one === undefined
      ? ""
      : `&${name}=${one.traceId}${one.emailId === undefined ? "" : `&${name}Email=${one.emailId}`}`;
  return `#view=compare${side("left", left)}${side("right", right)}`;
}
