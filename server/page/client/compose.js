/**
 * The form that sends an email. The server checks what was filled in; what it complains about stands next to the field.
 *
 * @module
 * @import { Api } from "./api.js"
 * @import { Answer, Problem } from "./types.ts"
 */
import { json } from "./api.js";
import { part, setText } from "./dom.js";

/**
 * @typedef {object} Accepted
 * @property {string} id The email's id.
 * @property {string} traceId Its trace.
 * @property {boolean} isSampled Whether its trace is kept.
 * @property {string} recipientDomain Whom it is for.
 */

const form = part("compose", HTMLFormElement);
const sendButton = part("send", HTMLButtonElement);
const status = part("compose-status", HTMLElement);

/**
 * Makes the form work.
 *
 * @param {Api} api Sends the email.
 * @param {(email: Accepted) => void} onAccepted Told of each email that the server took.
 * @param {(traceId: string) => void} onRefused Told of each that it could not take, though nothing is wrong with it.
 */
export function startCompose(api, onAccepted, onRefused) {
  // The same key for each try at one email: should an answer get lost, it is archived once all the same.
  let key = newKey();
  form.addEventListener("input", () => key = newKey());
  for (const button of form.querySelectorAll("button[data-recipient]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.addEventListener("click", () => {
      field("/recipient/address").value = button.dataset.recipient ?? "";
      key = newKey();
    });
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sendButton.getAttribute("aria-disabled") === "true") return;
    sendButton.setAttribute("aria-disabled", "true");
    showProblem(undefined);
    say("idle", "Sending …");
    const email = readForm();
    /** @type {Answer<{ id: string, traceId: string }>} */
    const answer = await api.call("/email", json("POST", email, { "idempotency-key": key }));
    sendButton.removeAttribute("aria-disabled");
    if (!answer.ok) {
      const { status, traceId } = answer.problem;
      showProblem(answer.problem);
      if (status >= 500 && traceId !== undefined) onRefused(traceId);
      return;
    }
    key = newKey();
    const { id, traceId } = answer.body;
    const isSampled = answer.headers.get("x-b3-sampled") !== "0";
    say(
      "done",
      `✓ Accepted (202): email ${id}${
        isSampled ? "" : "; its trace is not sampled, so that it cannot be watched"
      }`,
    );
    onAccepted({
      id,
      traceId,
      isSampled,
      recipientDomain: email.recipient.address.split("@").at(-1) ?? "",
    });
  });
}

function readForm() {
  return {
    sender: party("/sender"),
    recipient: party("/recipient"),
    subject: field("/subject").value,
    body: field("/body").value,
  };
}

/** @param {string} pointer */
function party(pointer) {
  const display = field(`${pointer}/display`).value;
  return {
    address: field(`${pointer}/address`).value.trim(),
    ...(display === "" ? {} : { display }),
  };
}

/**
 * The names of the fields are JSON Pointers, as the server's complaints have them.
 *
 * @param {string} pointer Which field.
 */
function field(pointer) {
  const found = form.elements.namedItem(pointer);
  if (found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement) return found;
  throw new Error(`The form has no field ${pointer}`);
}

/** @param {Problem | undefined} problem */
function showProblem(problem) {
  const details = new Map(problem?.errors?.map(({ pointer, detail }) => [pointer, detail]));
  let first;
  for (const place of form.querySelectorAll("[data-error-of]")) {
    const pointer = place.getAttribute("data-error-of") ?? "";
    const detail = details.get(pointer);
    details.delete(pointer);
    setText(place, detail === undefined ? "" : `✗ ${detail}`);
    const input = field(pointer);
    if (detail === undefined) input.removeAttribute("aria-invalid");
    else {
      input.setAttribute("aria-invalid", "true");
      first ??= input;
    }
  }
  if (problem === undefined) return;
  first?.focus();
  const rest = Array.from(details, ([pointer, detail]) => `${pointer} ${detail}`);
  const reason = first === undefined ? problem.detail : "Please correct the marked fields";
  say("failed", [`✗ ${reason}`, ...rest].join("; "));
}

/**
 * @param {"idle" | "done" | "failed"} tone
 * @param {string} text
 */
function say(tone, text) {
  status.dataset.tone = tone;
  setText(status, text);
}

/** `crypto.randomUUID` is only there on loopback and with HTTPS. */
function newKey() {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}
