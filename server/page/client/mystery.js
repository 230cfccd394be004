/**
 * A mystery: something is broken, and only traces show what. The control server hides the fault and grades the answer.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answer, MysteryView } from "./types.ts"
 */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { json } from "./api.js";
import { send } from "./compose.js";
import { Choice, fieldsOf, marked } from "./controls.js";
import { Icon, Tile } from "./icons.js";
import { api } from "./message_server.js";

const DIFFICULTIES = ["easy", "medium", "hard"].map((name) => [name, name]);

/** @type {Signal<MysteryView | null>} */
const mystery = signal(null);
const difficulty = signal("easy");
const hop = signal("");
const complaint = signal("");

/** @param {string} path @param {RequestInit} [init] */
async function ask(path, init) {
  /** @type {Answer<{ mystery: MysteryView | null }>} */
  const answer = await api.call(`/api/mystery${path}`, init);
  complaint.value = answer.ok ? "" : answer.problem.detail;
  if (answer.ok) mystery.value = answer.body.mystery;
}

export function Mystery() {
  useEffect(() => void ask(""), []);
  const shown = mystery.value;
  return html`
    <section class="card mystery" aria-labelledby="mystery-title">
      <header class="flow">
        <h2 id="mystery-title">Mystery${shown !== null && ` ${shown.seed}`}</h2>
        ${shown !== null && html`
          <span class="pill">${shown.difficulty}</span>
          <span class="pill end" data-tone="now">${shown.score} of 100</span>
        `}
      </header>
      ${shown === null
        ? html`<p>A fault is hidden. Send emails, and find it from their traces alone.</p>`
        : html`<p>${shown.story}</p>`}
      ${shown?.state === "open" ? html`<${Open} shown=${shown} />` : html`
        ${shown !== null && html`<${Solution} shown=${shown} />`}
        <${Begin} />
      `}
      <p class="field-error" role="status">${complaint.value}</p>
    </section>
  `;
}

function Begin() {
  const begin = () => {
    hop.value = "";
    void ask("", json("POST", { difficulty: difficulty.value }));
  };
  return html`
    <p class="actions flow">
      <${Choice} label="Difficulty" options=${DIFFICULTIES} chosen=${difficulty.value}
        onChoose=${(/** @type {string} */ one) => difficulty.value = one} />
      <button type="button" class="primary" onClick=${begin}>Begin${mystery.value !== null &&
        " another"}</button>
    </p>
  `;
}

/** @param {{ shown: MysteryView }} props */
function Open({ shown: { hops, hints, nextHintCost, verdict } }) {
  const causes = hops.find(({ id }) => id === hop.value)?.causes ?? [];
  const answer = (/** @type {SubmitEvent} */ event) => {
    const cause = fieldsOf(event).get("cause");
    void ask("/answer", json("PUT", { hop: hop.value, cause }));
  };
  return html`
    <button type="button" onClick=${() => void send()}><${Icon} name="now" />Send an email</button>
    <form onSubmit=${answer}>
      <div class="hops" role="group" aria-label="Which hop?">
        ${hops.map(({ id, label }) =>
          html`
            <button key=${id} type="button" aria-pressed=${String(hop.value === id)}
              onClick=${() => hop.value = id}><${Tile} service=${id} />${label}</button>
          `
        )}
      </div>
      ${hop.value !== "" && html`
        <label class="field"><span>Cause</span>
          <select name="cause" required key=${hop.value}>
            <option value="">choose …</option>
            ${causes.map(({ id, text }) => html`<option key=${id} value=${id}>${text}</option>`)}
          </select>
        </label>
      `}
      ${hints.map((hint, index) =>
        html`<p key=${hint} class="muted"><b>Hint ${index + 1}</b> ${hint}</p>`
      )}
      <p role="status">${verdict}</p>
      <p class="actions flow">
        ${hop.value !== "" && html`<button class="primary">Answer</button>`}
        ${nextHintCost !== undefined && html`
          <button type="button" onClick=${() =>
            ask("/hint", json("PUT"))}>Hint, −${nextHintCost}</button>
        `}
        <button type="button" class="bare end"
          onClick=${() => ask("", json("DELETE"))}>Give up</button>
      </p>
    </form>
  `;
}

const ENDS = {
  solved: "Right.",
  "given-up": "Given up.",
  ended: "The fault was switched off.",
  open: "",
};

/** @param {{ shown: MysteryView }} props */
function Solution({ shown: { state, solution } }) {
  if (solution === undefined) return null;
  const { hop, title, fault, proof, section } = solution;
  const isSolved = state === "solved";
  return html`
    <div role="status">
      <p data-tone=${isSolved ? "done" : "fail"}><${Icon} name=${isSolved
        ? "done"
        : "dead"} /> ${ENDS[state]}</p>
      <p><b>${hop}: ${title}</b> <code>${fault}</code></p>
      <p>${proof}</p>
    </div>
    <details><summary>What the document says of it</summary>
      ${section.split("\n\n").map((paragraph) =>
        html`<p key=${paragraph}>${marked(paragraph)}</p>`
      )}
    </details>
  `;
}
