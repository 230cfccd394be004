/**
 * The message server that this page comes from: its API, asking it again and again, and the dialog that asks the person for its
 * token.
 *
 * @import { Signal } from "@preact/signals"
 */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { createApi } from "./api.js";
import { Dialog, Field, fieldsOf } from "./controls.js";

/** The question that is open. @type {Signal<{ wasRefused: boolean, answer: (token: string) => void } | undefined>} */
const question = signal();

export const api = createApi(async (wasRefused) => {
  /** @type {PromiseWithResolvers<string>} */
  const { promise, resolve } = Promise.withResolvers();
  question.value = { wasRefused, answer: resolve };
  const token = await promise;
  question.value = undefined;
  return token;
});

/**
 * Asks again and again, each time after the last answer, while the page is visible.
 *
 * @param {() => Promise<void>} ask
 * @param {number} pauseMs
 * @returns {() => void} Ends it.
 */
export function repeat(ask, pauseMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isOver = false;
  const go = async () => {
    if (!document.hidden) await ask();
    if (!isOver) timer = setTimeout(go, pauseMs);
  };
  void go();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** The dialog, while there is a question. */
export function TokenDialog() {
  return question.value && html`<${Question} ...${question.value} />`;
}

/** @param {NonNullable<typeof question.value>} props */
function Question({ wasRefused, answer }) {
  const [complaint, complain] = useState(wasRefused ? "The server does not take this token" : "");
  const take = (/** @type {SubmitEvent} */ event) => {
    const token = String(fieldsOf(event).get("token")).trim();
    // A token that is invalid in a header would never reach the server.
    if (/^[\x21-\x7e]+$/.test(token)) answer(token);
    else complain("A token has visible ASCII characters only");
  };
  // Without a token nothing works: the dialog stays. Escape twice closes it whatever the page says to it.
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  const reopen = (/** @type {Event} */ { currentTarget }) =>
    currentTarget instanceof HTMLDialogElement && currentTarget.isConnected &&
    currentTarget.showModal();
  return html`
    <${Dialog} aria-labelledby="token-title" onCancel=${stay} onClose=${reopen}>
      <form onSubmit=${take}>
        <h2 id="token-title">This server asks for a token</h2>
        <p class="muted">Enter its API_TOKEN. It is kept until you close this tab.</p>
        <${Field} label="Token" name="token" type="password" autocomplete="off" required
          aria-describedby="token-message" />
        <p id="token-message" class="field-error" role="alert">${complaint}</p>
        <button class="primary">Continue</button>
      </form>
      <//>
  `;
}
