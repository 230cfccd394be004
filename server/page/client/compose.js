/**
 * The form that sends an email. The server validates it; its errors are shown below, and the fields are marked.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answer, Chosen, Problem } from "./types.ts"
 */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { json } from "./api.js";
import { valueOf } from "./controls.js";
import { hashOf } from "./email_list.js";
import { openFaults } from "./faults.js";
import { Icon } from "./icons.js";
import { api } from "./message_server.js";
import { faults, sentEmails, SETTINGS, view } from "./state.js";

/**
 * The fields. Their names are JSON Pointers into the document, as in the server's errors.
 *
 * @type {readonly { pointer: string, label: string, value: string, isMore?: true }[]}
 */
const FIELDS = [
  { pointer: "/sender/address", label: "From", value: "alice@example.com" },
  { pointer: "/recipient/address", label: "To", value: "bob@example.com" },
  { pointer: "/subject", label: "Subject", value: "Something catchy" },
  { pointer: "/sender/display", label: "Sender’s name", value: "Alice", isMore: true },
  { pointer: "/recipient/display", label: "Recipient’s name", value: "Bob", isMore: true },
  { pointer: "/body", label: "Body", value: "Whatever you want", isMore: true },
];

/** Recipients whose address sets the mail server's reply. */
export const RECIPIENTS = /** @type {const} */ ([
  { label: "arrives", tone: "done", icon: "done", address: "bob@example.com" },
  {
    label: "is told “try later”",
    tone: "wait",
    icon: "retry",
    address: "bounce+451+try+later@example.com",
  },
  {
    label: "is refused",
    tone: "fail",
    icon: "dead",
    address: "bounce+550+no+such+user@example.com",
  },
]);

/** @type {Signal<Readonly<Record<string, string>>>} */
const values = signal(Object.fromEntries(FIELDS.map(({ pointer, value }) => [pointer, value])));
/** @type {Signal<Problem | undefined>} */
const problem = signal();
/** @type {Signal<{ tone: "idle" | "done" | "fail", text: string }>} */
const said = signal({ tone: "idle", text: "" });
const isSending = signal(false);
const isOpen = signal(false);

// Each try of an email has the same key: even if an answer gets lost, the email is archived once.
let key = newKey();

/** @param {string} pointer @param {string} value */
function setField(pointer, value) {
  values.value = { ...values.value, [pointer]: value };
  key = newKey();
}

/** @param {string} [recipient] Another one than the form names. */
export async function send(recipient) {
  if (isSending.value) return;
  if (recipient !== undefined) setField("/recipient/address", recipient);
  isSending.value = true;
  problem.value = undefined;
  said.value = { tone: "idle", text: "Sending …" };
  const email = emailIn(values.value);
  /** @type {Answer<{ id: string, traceId: string }>} */
  const answer = await api.call("/email", json("POST", email, { "idempotency-key": key }));
  isSending.value = false;
  if (!answer.ok) return refuse(answer.problem);
  key = newKey();
  const { id, traceId } = answer.body;
  const isSampled = answer.headers.get("x-b3-sampled") !== "0";
  const blind = isSampled ? "" : "; its trace is not sampled, so that it cannot be watched";
  said.value = { tone: "done", text: `Accepted (202): email ${id}${blind}` };
  if (!isSampled) return;
  const sent = {
    traceId,
    emailId: id,
    scheduledAt: new Date().toISOString(),
    synthetic: false,
    state: /** @type {const} */ ({ name: "accepted" }),
    recipientDomain: email.recipient.address.split("@").at(-1) ?? "",
    durationMs: 0,
    attempts: [],
    spanCount: 0,
  };
  sentEmails.value = [sent, ...sentEmails.value];
  showEmail(sent);
}

/** Shows an email, beside the lessons if they are shown. @param {Chosen} email */
function showEmail(email) {
  const place = view.value === "lessons" ? "view=lessons&" : "";
  location.hash = place + hashOf(email).slice(1);
}

/** @param {Problem} found */
function refuse(found) {
  problem.value = found;
  const marked = FIELDS.filter(({ pointer }) => complaintAbout(pointer) !== undefined);
  const [first] = marked;
  if (first?.isMore) isOpen.value = true;
  const others = (found.errors ?? [])
    .filter(({ pointer }) => marked.every((field) => field.pointer !== pointer))
    .map(({ pointer, detail }) => `${pointer} ${detail}`);
  const text = first === undefined ? found.detail : "Please correct the marked fields";
  said.value = { tone: "fail", text: [text, ...others].join("; ") };
  if (first !== undefined) setTimeout(() => document.getElementById(idOf(first.pointer))?.focus());
  // The email is valid; its trace shows the failure.
  if (found.status >= 500 && found.traceId !== undefined) showEmail({ traceId: found.traceId });
}

/** @param {Readonly<Record<string, string>>} fields */
function emailIn(fields) {
  const party = (/** @type {string} */ pointer) => {
    const display = fields[`${pointer}/display`] ?? "";
    const address = fields[`${pointer}/address`]?.trim() ?? "";
    return { address, ...(display === "" ? {} : { display }) };
  };
  return {
    sender: party("/sender"),
    recipient: party("/recipient"),
    subject: fields["/subject"] ?? "",
    body: fields["/body"] ?? "",
  };
}

export function Compose() {
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    void send();
  };
  return html`
    <form class=${isOpen.value ? "compose flow open" : "compose flow"} id="compose" novalidate
      aria-label="Send an email" onSubmit=${submit}>
      ${FIELDS.filter(({ isMore }) => !isMore).map((field) => html`<${Field} ...${field} />`)}
      <button id="send" class="primary" aria-disabled=${String(isSending.value)}>Send</button>
      <button type="button" class="bare" id="more" aria-expanded=${String(isOpen.value)}
        aria-controls="more-fields" onClick=${() => isOpen.value = !isOpen.value}>More</button>
      <div class="others flow">
        <span class="muted" id="or">or send one that</span>
        ${RECIPIENTS.map(({ label, tone, icon, address }) =>
          html`
            <button type="button" class="chip" data-tone=${tone} aria-describedby="or"
              onClick=${() => void send(address)}><${Icon} name=${icon} />${label}</button>
          `
        )}
      </div>
      ${faults.value.length > 0 && html`<${BreakButton} />`}
      <div class="more flow" id="more-fields" hidden=${!isOpen.value}>
        ${FIELDS.filter(({ isMore }) => isMore).map((field) => html`<${Field} ...${field} />`)}
      </div>
      <${Said} />
    </form>
  `;
}

function BreakButton() {
  const { length } = faults.value.filter(({ active }) => active !== null);
  return html`
    <button type="button" id="break" data-tone="wait" class=${length > 0 ? "on" : ""}
      onClick=${() => openFaults()}>
      <${Icon} name="break" />${length > 0 ? `${length} broken` : "Break something"}
    </button>
  `;
}

/** @param {typeof FIELDS[number]} props */
function Field({ pointer, label }) {
  const id = idOf(pointer);
  const attributes = {
    id,
    name: pointer,
    value: values.value[pointer],
    maxlength: SETTINGS.maxLengths[pointer],
    autocomplete: "off",
    "aria-describedby": `${id}-error`,
    "aria-invalid": complaintAbout(pointer) === undefined ? undefined : "true",
    onInput: (/** @type {InputEvent} */ event) => setField(pointer, valueOf(event)),
  };
  return html`
    <label class="field"><span>${label}</span>${pointer === "/body"
      ? html`<textarea rows="1" ...${attributes}></textarea>`
      : html`<input inputmode=${
        pointer.endsWith("/address") ? "email" : undefined
      } spellcheck=${false} ...${attributes} />`}</label>
  `;
}

/** The result. Its line is always there, so that the layout does not shift. */
function Said() {
  const { tone, text } = said.value;
  return html`
    <div class="said" data-tone=${tone}>
      <p id="compose-status" role="status">${text}</p>
      ${FIELDS.map(({ pointer, label }) => {
        const complaint = complaintAbout(pointer);
        return html`<p id=${`${idOf(pointer)}-error`} class="field-error">${
          complaint !== undefined && `${label}: ${complaint}`
        }</p>`;
      })}
    </div>
  `;
}

/** @param {string} pointer */
function complaintAbout(pointer) {
  return problem.value?.errors?.find((error) => error.pointer === pointer)?.detail;
}

/** @param {string} pointer */
function idOf(pointer) {
  return pointer.slice(1).replaceAll("/", "-");
}

/** `crypto.randomUUID` exists only on loopback and with HTTPS. */
function newKey() {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}
