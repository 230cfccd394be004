/**
 * What the page knows and what the person has chosen, as signals: whoever reads one in a component is drawn anew when it changes.
 * Only `main.js` and what a person does write here.
 *
 * @module
 * @import { EmailTrace } from "./types.ts"
 */
import { computed, signal } from "@preact/signals";

/** All that is known of the email that is shown. @type {import("@preact/signals").Signal<EmailTrace | undefined>} */
export const trace = signal();

/** The row that a click has pinned, by its key. @type {import("@preact/signals").Signal<string | undefined>} */
export const pinnedKey = signal();

/** The row under the pointer or with the focus, by its key. @type {import("@preact/signals").Signal<string | undefined>} */
export const hoveredKey = signal();

/** The rows of the waterfall, from top to bottom. */
export const rows = computed(() => trace.value?.rows ?? []);

/** The row that is looked at: hovering previews, a click pins. */
export const shownRow = computed(() =>
  rows.value.find(({ key }) => key === hoveredKey.value) ??
    rows.value.find(({ key }) => key === pinnedKey.value)
);
