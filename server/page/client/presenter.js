/**
 * The presenter mode, and its controls besides the journey and the waterfall: scenarios in plain words, each on a key.
 *
 * @import { IconName } from "./icons.js"
 */
import { computed } from "@preact/signals";
import { html } from "htm/preact";
import { RECIPIENTS, send } from "./compose.js";
import { mendAll, setFault } from "./faults.js";
import { Icon } from "./icons.js";
import { faults, isPresenting, lastHashes } from "./state.js";

/** The faults of the scenarios; the control API names them. @type {readonly { name: string, tone: string, icon: IconName }[]} */
const SHOWN = [
  { name: "smtp.reply", tone: "wait", icon: "retry" },
  { name: "smtp.recipient-reply", tone: "fail", icon: "dead" },
  { name: "mongodb.down", tone: "wait", icon: "mongodb" },
];

/** Each with a key and a button. */
export const scenarios = computed(() => [
  { title: "It arrives", tone: "done", icon: "done", run: letArrive },
  ...SHOWN.flatMap(({ name, tone, icon }) => {
    const run = async () => {
      if (await setFault(name, {})) await send(RECIPIENTS[0].address);
    };
    return faults.value.filter((fault) => fault.name === name)
      .map(({ title }) => ({ title, tone, icon, run }));
  }),
  ...(faults.value.length === 0
    ? []
    : [{ title: "Mend everything", tone: "now", icon: "v", run: mendAll }]),
]);

/** Sends an email without faults. */
async function letArrive() {
  if (faults.value.some(({ active }) => active !== null)) await mendAll();
  await send(RECIPIENTS[0].address);
}

/** Toggles the presenter mode, which the address records. */
export function togglePresenter() {
  isPresenting.value = !isPresenting.value;
  const search = isPresenting.value ? "?present" : "";
  history.replaceState(null, "", `${location.pathname}${search}${location.hash}`);
  // Explore and a comparison have no email for an audience.
  const hasJourney = document.getElementById("journey") !== null;
  if (isPresenting.value && !hasJourney) location.hash = lastHashes.journey ?? "";
}

export function Scenarios() {
  return html`
    <div class="scenarios flow" role="group" aria-label="Scenarios">
      ${scenarios.value.map(({ title, tone, icon, run }, index) =>
        html`
          <button type="button" data-tone=${tone} onClick=${run}>
            <${Icon} name=${icon} />${title} <kbd>${index + 1}</kbd>
          </button>
        `
      )}
      <span class="keys end muted"><kbd>?</kbd> keys</span>
    </div>
  `;
}
