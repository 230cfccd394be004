/** What dialogs and forms have in common. */
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.js";

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

/** The fields of a form that the script sends itself. @param {SubmitEvent} event */
export function fieldsOf(event) {
  event.preventDefault();
  return new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
}

/** What was typed or chosen. @param {Event} event */
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
