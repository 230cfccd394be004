/** The keys, in one table, which `?` shows. */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { Dialog, DialogHead, Fact, focusOn } from "./controls.js";
import { scenarios, togglePresenter } from "./presenter.js";
import { step, togglePlay } from "./replay.js";
import { hoveredKey, isListOpen, pinnedKey, toggleList } from "./state.js";
import { toggleAxis } from "./time_axis.js";

/** Where the arrow keys begin; from then on, the rows handle them themselves. */
const ROWS = '#waterfall .row[tabindex="0"], #explore-list tbody a';

const isHelpOpen = signal(false);

/** @type {readonly { keys: readonly string[], shown: string, does: string, run?: (key: string) => void }[]} */
const SHORTCUTS = [
  { keys: ["/"], shown: "/", does: "Search all emails", run: () => focusOn("#search") },
  { keys: ["ArrowUp", "ArrowDown"], shown: "↑ ↓", does: "Walk the rows", run: () => focusOn(ROWS) },
  { keys: [], shown: "Enter", does: "Pin, open" },
  { keys: ["Escape"], shown: "Esc", does: "Clear, close", run: clear },
  { keys: [" "], shown: "Space", does: "Play, pause", run: togglePlay },
  { keys: ["ArrowLeft"], shown: "←", does: "A step back", run: () => step(-1) },
  { keys: ["ArrowRight"], shown: "→", does: "A step on", run: () => step(1) },
  {
    keys: ["1", "2", "3", "4", "5"],
    shown: "1 to 5",
    does: "Scenario",
    run: (key) => void scenarios.value[Number(key) - 1]?.run(),
  },
  { keys: ["e"], shown: "e", does: "List of emails", run: toggleList },
  { keys: ["t"], shown: "t", does: "Time axis", run: toggleAxis },
  { keys: ["p"], shown: "p", does: "Presenter", run: togglePresenter },
  { keys: ["?"], shown: "?", does: "These keys", run: () => isHelpOpen.value = true },
];

/** The keys that work without a journey too. */
const COMMON_KEYS = ["/", "ArrowUp", "ArrowDown", "Escape", "p", "?"];

/** What lies above the page takes the keys. */
const LAYERS = "dialog[open], :popover-open";

/** Elements that take typed letters. */
const FIELDS = "input:not([type=range]), textarea, select";

/** Elements that handle some keys themselves. @type {Readonly<Record<string, string>>} */
const TAKERS = {
  " ": "button, a, summary, [role=button]",
  ArrowUp: "[type=range]",
  ArrowDown: "[type=range]",
  ArrowLeft: "[type=range]",
  ArrowRight: "[type=range]",
};

/** Starts to listen to the keys. */
export function startShortcuts() {
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || document.querySelector(LAYERS) !== null) return;
    if (key === "Escape" && target.matches("input") && target instanceof HTMLElement) target.blur();
    if (target.matches(FIELDS) || target.matches(TAKERS[key] ?? ":not(*)")) return;
    const shortcut = SHORTCUTS.find(({ keys }) => keys.includes(key));
    if (shortcut?.run === undefined) return;
    if (document.getElementById("journey") === null && !COMMON_KEYS.includes(key)) return;
    event.preventDefault();
    shortcut.run(key);
  });
}

function clear() {
  if (isListOpen.value && matchMedia("(76.25rem <= width < 87.5rem)").matches) return toggleList();
  hoveredKey.value = undefined;
  pinnedKey.value = undefined;
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

export function KeysDialog() {
  return isHelpOpen.value && html`
    <${Dialog} class="keys" aria-labelledby="keys-title" onClose=${() => isHelpOpen.value = false}>
      <${DialogHead} id="keys-title" title="Keys" />
      <dl>${SHORTCUTS.map(({ shown, does }) =>
        html`<${Fact} name=${does} value=${html`<kbd>${shown}</kbd>`} />`
      )}</dl>
      <//>
  `;
}
