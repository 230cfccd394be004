/**
 * Opens any trace: by its id, or from spans in Zipkin's form, which are pasted, dropped on the page, or in a file. Spans are shown,
 * not kept.
 *
 * @import { Answer, EmailTrace } from "./types.ts"
 */
import { traceNamed } from "@playground/server/trace-id";
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { Dialog, DialogHead, Field, fieldsOf } from "./controls.js";
import { hashOf } from "./email_list.js";
import { Icon } from "./icons.js";
import { api } from "./message_server.js";
import { momentUs, opened, pinnedKey } from "./state.js";

const isOpen = signal(false);
const complaint = signal("");

/** @param {string} text */
function isJson(text) {
  return /^\s*[[{]/.test(text);
}

/** @param {string} text @param {string} [fileName] */
async function openTrace(text, fileName = "pasted JSON") {
  const named = traceNamed(text);
  if (isJson(text)) {
    /** @type {Answer<EmailTrace>} */
    const answer = await api.call("/api/traces", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: text,
    });
    if (!answer.ok) return complain(answer.problem.detail);
    momentUs.value = undefined;
    pinnedKey.value = undefined;
    opened.value = new Map([...opened.value, [fileName, answer.body]]);
    location.hash = `#file=${encodeURIComponent(fileName)}`;
  } else if (named === undefined) {
    return complain("Give a trace id (16 or 32 hexadecimal digits), its address, or spans in JSON");
  } else location.hash = hashOf(named);
  isOpen.value = false;
}

/** @param {string} text */
function complain(text) {
  complaint.value = text;
  isOpen.value = true;
}

/** @param {File | null | undefined} file */
async function openFile(file) {
  if (!file) return;
  let text;
  try {
    text = await file.text();
  } catch (error) {
    // It is a folder, or was removed meanwhile.
    return complain(`Cannot read ${file.name}: ${error instanceof Error ? error.message : error}`);
  }
  await openTrace(text, file.name);
}

/** Starts to take what is dropped on the page or pasted into it. */
export function startOpenTrace() {
  addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void openFile(file);
  });
  addEventListener("paste", (event) => {
    const { target } = event;
    if (target instanceof Element && target.matches("input, textarea")) return;
    const text = event.clipboardData?.getData("text") ?? "";
    if (isJson(text) || traceNamed(text) !== undefined) void openTrace(text);
  });
}

/** The button that opens the dialog. */
export function OpenTraceButton() {
  const open = () => {
    complaint.value = "";
    isOpen.value = true;
  };
  return html`
    <button type="button" class="bare" id="open-trace" onClick=${open}>
      <${Icon} name="find" />Open
    </button>
  `;
}

export function OpenTraceDialog() {
  const take = (/** @type {SubmitEvent} */ event) =>
    void openTrace(String(fieldsOf(event).get("trace")));
  return isOpen.value && html`
    <${Dialog} aria-labelledby="open-title" onClose=${() => isOpen.value = false}>
      <form onSubmit=${take}>
        <${DialogHead} id="open-title" title="Open a trace" />
        <label class="field"><span>Id, address or JSON</span>
          <textarea name="trace" rows="4" spellcheck=${false} aria-describedby="open-message"></textarea>
        </label>
        <${Field} label="File" type="file" accept=".json,application/json"
          onChange=${(/** @type {Event} */ { target }) =>
            target instanceof HTMLInputElement && openFile(target.files?.[0])} />
        <p
          class="muted">Spans in Zipkin's form, of any service. Or drop the file anywhere on the page.</p>
        <p id="open-message" class="field-error" role="alert">${complaint.value}</p>
        <footer class="flow"><button class="primary">Open</button></footer>
      </form>
      <//>
  `;
}
