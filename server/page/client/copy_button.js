/** Copies a text to the clipboard, and confirms it. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons.js";

const SAID_MS = 1_500;

/** @param {{ text: string, label: string }} props */
export function CopyButton({ text, label }) {
  const [said, say] = useState("");
  const copy = async () => {
    try {
      // The clipboard exists only on loopback and with HTTPS.
      await navigator.clipboard.writeText(text);
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
