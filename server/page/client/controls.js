/** Small components that several views use. */
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons.js";

const TICK_MS = 100;
/** How long a button shows its result. */
const SAID_MS = 1_500;

/**
 * A modal dialog, for as long as it is drawn.
 *
 * @param {{ "aria-labelledby": string, onClose: (event: Event) => unknown, children?: unknown, [attribute: string]: unknown }} props
 */
export function Dialog({ children, ...attributes }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog ref=${dialog} ...${attributes}>${children}</dialog>`;
}

/** Its title, with a cross that closes it. @param {{ id: string, title: string }} props */
export function DialogHead({ id, title }) {
  return html`
    <header class="flow">
      <h2 id=${id}>${title}</h2>
      <button type="button" class="bare end" aria-label="Close"
        onClick=${closeDialog}><${Icon} name="x" /></button>
    </header>
  `;
}

/** Closes the dialog in which something happened. @param {Event} event */
export function closeDialog({ currentTarget }) {
  if (currentTarget instanceof Element) currentTarget.closest("dialog")?.close();
}

/** A field with its label. @param {{ label: string, [attribute: string]: unknown }} props */
export function Field({ label, ...attributes }) {
  return html`<label class="field"><span>${label}</span><input ...${attributes} /></label>`;
}

/** The fields of a form that the script sends itself. @param {SubmitEvent} event */
export function fieldsOf(event) {
  event.preventDefault();
  return new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
}

/** The typed or chosen value. @param {Event} event */
export function valueOf({ target }) {
  return /** @type {HTMLInputElement} */ (target).value;
}

/**
 * Buttons of which one is pressed.
 *
 * @template Value
 * @param {{ label: string, options: readonly (readonly [value: Value, text: string])[], chosen: Value,
 *   onChoose: (value: Value) => void, isDisabled?: boolean }} props
 */
export function Choice({ label, options, chosen, onChoose, isDisabled = false }) {
  return html`
    <span class="seg" role="group" aria-label=${label}>
      ${options.map(([value, text]) =>
        html`
          <button type="button" key=${text} aria-pressed=${String(value === chosen)}
            disabled=${isDisabled} onClick=${() => onChoose(value)}>${text}</button>
        `
      )}
    </span>
  `;
}

/**
 * A button that is pressed or not, with the number of what it stands for.
 *
 * @param {{ name: string, count?: number | undefined, isPressed: boolean, [attribute: string]: unknown }} props
 */
export function CountedButton({ name, count, isPressed, ...attributes }) {
  const texts = [name, ...(count === undefined ? [] : [count.toLocaleString()])];
  return html`
    <button type="button" aria-pressed=${String(isPressed)} aria-label=${texts.join(", ")}
      ...${attributes}>${texts.join(" ")}</button>
  `;
}

/** Copies the text of that moment to the clipboard, and confirms it. @param {{ text: () => string, label: string }} props */
export function CopyButton({ text, label }) {
  const [said, say] = useState("");
  const copy = async () => {
    try {
      // The clipboard exists only on loopback and with HTTPS.
      await navigator.clipboard.writeText(text());
      say("Copied");
    } catch {
      say("Cannot copy: the browser does not allow it here");
    }
    setTimeout(() => say(""), SAID_MS);
  };
  return html`
    <button type="button" class="bare copy" aria-label=${label} title=${label}
      onClick=${copy}>
      <${Icon} name=${said === "Copied" ? "v" : "copy"} />
      <span class="sr-only" role="status">${said}</span>
    </button>
  `;
}

/** A text that changes with the time. @param {{ textAt: (nowMs: number) => unknown }} props */
export function Counting({ textAt }) {
  const [nowMs, tick] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return textAt(nowMs);
}

/** A name and its value in a list. @param {{ name: string, value: unknown }} props */
export function Fact({ name, value }) {
  return html`
    <div>
      <dt><bdi>${name}</bdi></dt>
      <dd>${typeof value === "string" ? html`<bdi>${value}</bdi>` : value}</dd>
    </div>
  `;
}

/** Markdown's bold and code, which are all that our texts have. @param {string} text */
export function marked(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) =>
    part.startsWith("**")
      ? html`<b>${part.slice(2, -2)}</b>`
      : part.startsWith("`")
      ? html`<code>${part.slice(1, -1)}</code>`
      : part
  );
}

/** Gives the first element that fits the focus. @param {string} selector */
export function focusOn(selector) {
  const element = document.querySelector(selector);
  if (element instanceof HTMLElement) element.focus();
}

/** The index in a list to which a key leads. @param {KeyboardEvent} event @param {number} at @param {number} count */
export function placeAfter({ key }, at, count) {
  const last = count - 1;
  return {
    ArrowDown: Math.min(at + 1, last),
    ArrowUp: Math.max(at - 1, 0),
    Home: 0,
    End: last,
  }[key];
}
