/**
 * Copies a text to the clipboard, and confirms it.
 *
 * @module
 */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons.js";

const SAID_MS = 1_500;

/**
 * A button that copies.
 *
 * @param {{ text: string, label: string }} props The text, and the button's label, such as `Copy the trace id`.
 */
export function CopyButton({ text, label }) {
  const [said, say] = useState("");
  const copy = async () => {
    // Exists only on loopback and with HTTPS.
    const isDone = await navigator.clipboard?.writeText(text).then(() => true, () => false) ??
      false;
    say(isDone ? "Copied" : "Cannot copy: the browser does not allow it here");
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
