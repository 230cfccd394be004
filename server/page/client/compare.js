/**
 * Two traces beside each other on one scale, and what differs, from the left one's view:
 * `#view=compare&left=…&leftEmail=…&right=…&rightEmail=…`. Without a right one, the server compares with a healthy email.
 *
 * @import { Answered } from "./answers.js"
 * @import { Row, TraceComparison } from "./types.ts"
 */
import { traceNamed } from "@playground/server/trace-id";
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { compareHash } from "./address.js";
import { Field, fieldsOf } from "./controls.js";
import { hashOf } from "./email_list.js";
import { describeOtherTrace, describeTrace } from "./email_state.js";
import { refresh, useAnswer } from "./answers.js";
import { formatDuration } from "./format.js";
import { Icon, Tile } from "./icons.js";
import { nameOf } from "./parties.js";
import { comparison, isJourneyed, parameters } from "./state.js";
import { AxisLine, AxisSwitch, Bands, Bars } from "./time_axis.js";

const TONES = { new: "now", missing: "wait", slower: "fail", faster: "done", same: "idle" };

export function Compare() {
  const asked = new URLSearchParams(parameters.value);
  asked.delete("view");
  return html`
    <main id="compare" class="compare" tabindex="-1">
      <section class="card" aria-labelledby="compare-title">
        <h2 id="compare-title">Compare</h2>
        <${Sides} key=${String(asked)} />
        ${asked.has("left") &&
          html`<${Answered} key=${String(asked)} path=${`/api/compare?${asked}`} />`}
      </section>
      ${asked.has("left") && comparison.value && html`
        <${Rows} comparison=${comparison.value} />
        <${Shares} shares=${comparison.value.shares} />
      `}
    </main>
  `;
}

/** The form that selects the two traces. */
function Sides() {
  const [complaint, complain] = useState("");
  const take = (/** @type {SubmitEvent} */ event) => {
    const fields = fieldsOf(event);
    const [left, right] = ["left", "right"].map((name) => traceNamed(String(fields.get(name))));
    if (left === undefined || (right === undefined && String(fields.get("right")).trim() !== "")) {
      return complain("Give trace ids (16 or 32 hexadecimal digits) or addresses of traces");
    }
    complain("");
    const address = compareHash(left, right);
    if (address === location.hash) refresh();
    else location.hash = address;
  };
  return html`
    <form class="sides flow" onSubmit=${take}>
      <${Side} name="left" label="This" />
      <${Side} name="right" label="The other" />
      <button class="primary">Compare</button>
      <p class="field-error" role="alert">${complaint}</p>
    </form>
  `;
}

/** @param {{ name: "left" | "right", label: string }} props */
function Side({ name, label }) {
  const traceId = parameters.value.get(name);
  const emailId = parameters.value.get(`${name}Email`);
  const named = traceId === null
    ? ""
    : hashOf({ traceId, ...(emailId !== null && { emailId }) }).slice("#trace=".length);
  return html`
    <${Field} label=${label} name=${name} value=${named} autocomplete="off"
      required=${name === "left"}
      placeholder=${name === "left" ? "Trace id or address" : "A healthy email, or another id"} />
  `;
}

/** The traces and their difference in words, or why there is no answer. @param {{ path: string }} props */
function Answered({ path }) {
  /** @type {Answered<TraceComparison>} */
  const { body, problem } = useAnswer(path);
  useEffect(() => {
    comparison.value = problem === undefined ? body : undefined;
  }, [body, problem]);
  if (problem !== undefined) return html`<p class="field-error" role="alert">${problem.detail}</p>`;
  if (body === undefined) return html`<p class="muted" role="status">Comparing …</p>`;
  return html`
    <dl class="compared-traces flow">
      <${ComparedTrace} label="This" trace=${body.left} />
      <${ComparedTrace} label="The other" trace=${body.right} />
    </dl>
    <p id="compare-summary" role="status">${body.summary}</p>
    <ul id="differences">${body.differences.map((text) =>
      html`<li key=${text}><bdi>${text}</bdi></li>`
    )}</ul>
  `;
}

/** @param {{ label: string, trace: TraceComparison["left"] }} props */
function ComparedTrace({ label, trace }) {
  const { tone, icon, title } = isJourneyed(trace)
    ? describeTrace(trace)
    : describeOtherTrace(trace);
  return html`
    <div class="flow" data-tone=${tone}>
      <dt>${label}</dt>
      <dd>
        <a href=${hashOf(trace)}><${Icon} name=${icon} /> ${title}${" "}
          <span class="mono">${(trace.emailId ?? trace.traceId).slice(0, 8)}</span></a>
      </dd>
    </div>
  `;
}

/** @param {{ comparison: TraceComparison }} props */
function Rows({ comparison: { left, right, rows } }) {
  const [lefts, rights] = [left, right].map((side) =>
    new Map(side.rows.map((row) => [row.key, row]))
  );
  return html`
    <section class="card waterfall" aria-labelledby="compared-title">
      <div class="waterfall-head flow">
        <h2 id="compared-title">Both on one scale</h2>
        <${AxisSwitch} />
        <p class="muted end">Above this one, below the other</p>
      </div>
      <div class="lanes">
        <${AxisLine} />
        <div class="bands" aria-hidden="true">
          <${Bands} />
        </div>
        <ul id="compared">
          ${rows.map((row, index) =>
            html`
              <${ComparedSpan} key=${index} row=${row} left=${lefts?.get(
                row.leftKey ?? "",
              )} right=${rights?.get(row.rightKey ?? "")} />
            `
          )}
        </ul>
      </div>
    </section>
  `;
}

/** @param {{ row: TraceComparison["rows"][number], left: Row | undefined, right: Row | undefined }} props */
function ComparedSpan({ row: { name, depth, status, difference }, left, right }) {
  const service = (left ?? right)?.services[0] ?? "";
  return html`
    <li class="row compared" data-status=${status} data-service=${service}
      data-tone=${TONES[status]} style=${{ "--depth": depth }}>
      <span class="name"><${Tile} service=${service} /><bdi class="title">${name}</bdi></span>
      <span class="duration">${took(left)}<span class="sr-only"> in this one, </span>
        <small>${took(right)}<span class="sr-only"> in the other. </span></small></span>
      <span class="tracks">
        <${Track} row=${left} /><${Track} row=${right} />
        ${difference !== "" && html`<span class="difference">${difference}</span>`}
      </span>
    </li>
  `;
}

/** @param {Row | undefined} row */
function took(row) {
  if (row === undefined) return html`–`;
  return row.durationUs === null ? "…" : formatDuration(row.durationUs);
}

/** @param {{ row: Row | undefined }} props */
function Track({ row }) {
  return html`<span class="track" aria-hidden="true">${row && html`<${Bars} row=${row} />`}</span>`;
}

/** @param {{ shares: TraceComparison["shares"] }} props */
function Shares({ shares }) {
  return html`
    <section class="card" aria-labelledby="shares-title">
      <h2 id="shares-title">Where the time went</h2>
      <table id="shares">
        <thead>
          <tr>
            <th scope="col">On the critical path</th>
            <th scope="col">This</th>
            <th scope="col">The other</th>
          </tr>
        </thead>
        <tbody>${shares.map(({ service, what, isWait, leftUs, rightUs }) =>
          html`
            <tr key=${`${service} ${what}`}>
              <th scope="row"><${Tile} service=${service} /> <bdi>${isWait || service === ""
                ? what
                : `${nameOf(service)} ${what}`}</bdi></th>
              <td>${formatDuration(leftUs)}</td>
              <td>${formatDuration(rightUs)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </section>
  `;
}
