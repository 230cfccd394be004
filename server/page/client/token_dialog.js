/**
 * Asks the person for the API token.
 *
 * @module
 */
import { part, setText } from "./dom.js";

const dialog = part("token-dialog", HTMLDialogElement);
const form = part("token-form", HTMLFormElement);
const input = part("token", HTMLInputElement);
const message = part("token-message", HTMLElement);

/**
 * Asks until there is a token.
 *
 * @param {boolean} wasRefused Whether one was given that the server does not take.
 * @returns {Promise<string>} The token.
 */
export function askToken(wasRefused) {
  setText(message, wasRefused ? "✗ The server does not take this token" : "");
  input.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    let isTaken = false;
    /** @param {Event} event */
    const take = (event) => {
      event.preventDefault();
      const token = input.value.trim();
      // What cannot stand in a header would never reach the server.
      if (!/^[\x21-\x7e]+$/.test(token)) {
        setText(message, "✗ A token has visible ASCII characters only");
        return;
      }
      form.removeEventListener("submit", take);
      isTaken = true;
      dialog.close();
      resolve(token);
    };
    form.addEventListener("submit", take);
    // Without a token nothing works: the dialog stays. Escape twice closes it whatever the page says to it.
    dialog.oncancel = (event) => event.preventDefault();
    dialog.onclose = () => {
      if (!isTaken && !dialog.open) dialog.showModal();
    };
  });
}
