/**
 * Asks the person for the API token.
 *
 * @module
 * @import { Signal } from "@preact/signals"
 */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** The question that is open. @type {Signal<{ wasRefused: boolean, answer: (token: string) => void } | undefined>} */
const question = signal();

/**
 * Asks until there is a token.
 *
 * @param {boolean} wasRefused Whether the server refused an earlier one.
 * @returns {Promise<string>} The token.
 */
export function askToken(wasRefused) {
  return new Promise((resolve) => {
    question.value = {
      wasRefused,
      answer: (token) => {
        question.value = undefined;
        resolve(token);
      },
    };
  });
}

/** The dialog, while there is a question. */
export function TokenDialog() {
  return question.value && html`<${Question} ...${question.value} />`;
}

/** @param {NonNullable<typeof question.value>} props */
function Question({ wasRefused, answer }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [complaint, complain] = useState(
    wasRefused ? "The server does not take this token" : "",
  );
  useEffect(() => dialog.current?.showModal(), []);
  const take = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const token = String(new FormData(form).get("token") ?? "").trim();
    // A token that is invalid in a header would never reach the server.
    if (/^[\x21-\x7e]+$/.test(token)) answer(token);
    else complain("A token has visible ASCII characters only");
  };
  // Without a token nothing works: the dialog stays. Escape twice closes it whatever the page says to it.
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  const reopen = () => dialog.current?.isConnected && dialog.current.showModal();
  return html`
    <dialog ref=${dialog} aria-labelledby="token-title" onCancel=${stay} onClose=${reopen}>
      <form onSubmit=${take}>
        <h2 id="token-title">This server asks for a token</h2>
        <p class="muted">Enter its API_TOKEN. It is kept until you close this tab.</p>
        <label class="field"><span>Token</span>
          <input name="token" type="password" autocomplete="off" required aria-describedby="token-message" />
        </label>
        <p id="token-message" class="field-error" role="alert">${complaint}</p>
        <button class="primary">Continue</button>
      </form>
    </dialog>
  `;
}
