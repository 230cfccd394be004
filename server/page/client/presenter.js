/**
 * Presenter controls besides the journey and the waterfall: scenarios in plain words, each on a key.
 *
 * @module
 * @import { IconName } from "./icons.js"
 */
import { computed } from "@preact/signals";
import { html } from "htm/preact";
import { RECIPIENTS, send } from "./compose.js";
import { mendAll, setFault } from "./faults.js";
import { Icon } from "./icons.js";
import { faults } from "./state.js";

/** The faults of the scenarios; the control API names them. */
const SHOWN = [
  { name: "smtp.reply", tone: "wait", icon: "retry" },
  { name: "smtp.recipient-reply", tone: "fail", icon: "dead" },
  { name: "mongodb.down", tone: "wait", icon: "mongodb" },
];

/**
 * The scenarios, each with a key and a button.
 *
 * @type {import("@preact/signals").ReadonlySignal<readonly { title: string, tone: string, icon: IconName, run: () =>
 * Promise<unknown> }[]>}
 */
export const scenarios = computed(() => [
  { title: "It arrives", tone: "done", icon: "done", run: letArrive },
  ...SHOWN.flatMap(({ name, tone, icon }) => {
    const fault = faults.value.find((one) => one.name === name);
    if (fault === undefined) return [];
    const run = async () => {
      if (await setFault(name, {})) await send(RECIPIENTS[0].address);
    };
    return [{ title: fault.title, tone, icon: /** @type {IconName} */ (icon), run }];
  }),
  ...(faults.value.length === 0
    ? []
    : [{ title: "Mend everything", tone: "now", icon: /** @type {const} */ ("v"), run: mendAll }]),
]);

/** Sends an email without faults. */
async function letArrive() {
  if (faults.value.some(({ active }) => active !== null)) await mendAll();
  await send(RECIPIENTS[0].address);
}

/** The buttons at the lower edge. */
export function Scenarios() {
  return html`
    <div class="scenarios" role="group" aria-label="Scenarios">
      ${scenarios.value.map(({ title, tone, icon, run }, index) =>
        html`
          <button type="button" data-tone=${tone} onClick=${run}>
            <${Icon} name=${icon} />${title} <kbd>${index + 1}</kbd>
          </button>
        `
      )}
      <span class="end muted"><kbd>?</kbd> keys</span>
    </div>
  `;
}
