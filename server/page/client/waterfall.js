/**
 * The waterfall: each span of the email's traces a row, with its bar on the time axis.
 *
 * @import { ReadonlySignal, Signal } from "@preact/signals"
 * @import { Row } from "./types.ts"
 */
import { computed, signal } from "@preact/signals";
import { html } from "htm/preact";
import { compareHash } from "./address.js";
import { focusOn, placeAfter } from "./controls.js";
import { ExportMenu } from "./export_trace.js";
import { formatCount, formatDuration } from "./format.js";
import { Icon, Tile } from "./icons.js";
import { shownLesson } from "./lesson_state.js";
import { OpenTraceButton } from "./open_trace.js";
import { nameOf, PARTIES } from "./parties.js";
import { chosen, hoveredKey, isPresenting, momentUs, pinnedKey, rows, trace } from "./state.js";
import { AxisLine, AxisSwitch, Bands, placed } from "./time_axis.js";
import { CriticalLines, LessonNote, pin, WaterfallRow } from "./waterfall_row.js";

/** The services whose rows are hidden. @type {Signal<ReadonlySet<string>>} */
const hiddenServices = signal(new Set());

/** The services that have rows. */
const services = computed(() => new Set(rows.value.map(({ services }) => services[0] ?? "")));

/** These and the services with waits, in the order of the journey. */
const legendServices = computed(() => {
  const order = PARTIES.map(({ id }) => String(id));
  const places = rows.value.flatMap(({ wait }) => wait === undefined ? [] : [wait.place]);
  return [...new Set([...services.value, ...places])]
    .toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
});

/** The rows that no filter hides. */
const shownRows = computed(() =>
  // A lesson's steps lead through every row.
  (isPresenting.value && shownLesson.value === undefined ? condensed(rows.value) : rows.value)
    .filter(({ services }) => !hiddenServices.value.has(services[0] ?? ""))
);

/** The email's own trace, and those of its linked retries; the others are polls'. */
const ownTraceIds = computed(() => {
  const [first, ...others] = rows.value;
  return new Set([first, ...others.filter(({ name }) => name === "emailer")]
    .map((row) => row?.traceId));
});

/**
 * The rows for an audience: one for each attempt, which says what `send-email` says, and of the poll's steps those that failed.
 *
 * @param {readonly Row[]} all
 */
function condensed(all) {
  const sendings = new Map(
    all.filter(({ name }) => name === "send-email").map((row) => [row.parentId, row]),
  );
  return all.flatMap((row) => {
    const isStepOfPoll = !ownTraceIds.value.has(row.traceId) && row.depth > 0;
    if (row.name === "send-email" || (isStepOfPoll && row.error === undefined)) return [];
    return [{ ...row, says: row.says ?? sendings.get(row.spanId)?.says }];
  });
}

/** The place among the shown rows where the trace went through SMTP; below it is the poll's trace. */
const crossingIndex = computed(() =>
  shownRows.value.findIndex(({ traceId }) => !ownTraceIds.value.has(traceId))
);

/** Which line each row is on, from the top. @type {ReadonlySignal<ReadonlyMap<string, number>>} */
const lineOf = computed(() =>
  new Map(shownRows.value.map(({ key }, index) => [
    key,
    crossingIndex.value >= 0 && index >= crossingIndex.value ? index + 1 : index,
  ]))
);

/** The row where the Tab key stops. It stops once; the arrow keys continue from there. */
const stopKey = computed(() => {
  const stop = hoveredKey.value ?? pinnedKey.value;
  return (shownRows.value.find(({ key }) => key === stop) ?? shownRows.value[0])?.key;
});

/** The card with the rows of the email that is shown. */
export function Waterfall() {
  const isEmpty = rows.value.length === 0;
  return html`
    <section class="card waterfall" id="waterfall-card" aria-labelledby="waterfall-title">
      <div class="waterfall-head flow">
        <h2 id="waterfall-title">Waterfall</h2>
        ${!isEmpty && html`<${AxisSwitch} />`}
        <p id="waterfall-scale" class="muted">${scaleText()}</p>
        ${!isPresenting.value && html`<${Actions} />`}
      </div>
      ${isEmpty ? html`<${NoRows} />` : html`
        <${Legend} />
        <${Rows} />
      `}
    </section>
  `;
}

/** Further actions on the trace. */
function Actions() {
  const { spans, traceUrl } = trace.value ?? {};
  const title = `${document.title.replace(/, Tracing Playground$/, "")}, ${scaleText()}`;
  const compare = () => {
    if (chosen.value !== undefined) location.hash = compareHash(chosen.value);
  };
  return html`
    <div class="actions flow end">
      <${OpenTraceButton} />
      ${chosen.value !== undefined && spans !== undefined && html`
        <button type="button" class="bare" id="compare-button" title="Beside a healthy email"
          onClick=${compare}><${Icon} name="same" />Compare</button>
      `}
      ${spans !== undefined && html`<${ExportMenu} rows=${shownRows.value} title=${title} />`}
      ${traceUrl !== undefined && /^https?:\/\//.test(traceUrl) && html`
        <a id="trace-link" href=${traceUrl} target="_blank"
          rel="noopener noreferrer">Zipkin <${Icon} name="out" /></a>
      `}
    </div>
  `;
}

/** Three empty rows, until the first span arrives. */
function NoRows() {
  return html`
    <div class="no-rows">
      <p class="muted">The spans of the email appear here.</p>
      <i></i><i></i><i></i>
    </div>
  `;
}

function Rows() {
  return html`
    <div class="lanes">
      <${AxisLine} />
      <div class="bands" aria-hidden="true">
        <${Bands} />
        ${shownLesson.value === undefined && html`<${CriticalLines} lineOf=${lineOf.value} />`}
        <${MomentLine} />
      </div>
      <ul id="waterfall" role=${shownLesson.value === undefined ? "listbox" : "list"}
        aria-labelledby="waterfall-title" onKeyDown=${walk}
        onPointerLeave=${() => hoveredKey.value = undefined}>
        ${shownRows.value.map((row, index) =>
          html`
            ${index === crossingIndex.value && html`<${Crossing} key="crossing" />`}
            <${WaterfallRow} key=${row.key} row=${row} stopKey=${stopKey} />
            <${LessonNote} key=${`${row.key} note`} row=${row} />
          `
        )}
      </ul>
      ${shownRows.value.length === 0 && html`<p class="muted no-rows">Every service is hidden.</p>`}
    </div>
  `;
}

/** The row where the other trace begins. */
function Crossing() {
  return html`
    <li class="crossing" role="presentation">
      <${Icon} name="now" />
      <span>The mail carried its trace through SMTP. The poll that found it is a trace of its own:</span>
    </li>
  `;
}

/** The moment that is shown, in a replay. */
function MomentLine() {
  const us = momentUs.value;
  const totalUs = trace.value?.picture?.totalUs ?? 0;
  if (us === undefined || us > totalUs) return null;
  const classes = us > totalUs * 0.9 ? "moment late" : "moment";
  return html`<i class=${classes} style=${placed(us)}><b>${formatDuration(us)}</b></i>`;
}

function scaleText() {
  const totalUs = trace.value?.picture?.totalUs;
  if (rows.value.length === 0 || totalUs === undefined) return "";
  const count = formatCount(rows.value.length, trace.value?.omittedSpanCount ?? 0);
  return `${count} in ${formatDuration(totalUs)}`;
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const all = shownRows.value;
  const { activeElement } = document;
  const focused = activeElement instanceof HTMLElement ? activeElement.dataset.key : undefined;
  const index = all.findIndex(({ key }) => key === focused);
  const current = all[index];
  if (current !== undefined && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    pin(current.key);
    return;
  }
  const target = all[placeAfter(event, index, all.length) ?? -1];
  if (target === undefined) return;
  event.preventDefault();
  // With a pinned row, moving on pins the next one.
  if (pinnedKey.value !== undefined) pinnedKey.value = target.key;
  focusOn(`.row[data-key="${CSS.escape(target.key)}"]`);
}

/** The legend of the bars. A service is a filter as well: a click hides its rows. */
function Legend() {
  return html`
    <div class="legend">
      <div class="services flow" role="group" aria-label="Services; press one to hide its spans">
        ${legendServices.value.map((service) =>
          services.value.has(service)
            ? html`<${Filter} key=${service} service=${service} />`
            : html`
              <span key=${service} class="key"><${Tile} service=${service} />${nameOf(
                service,
              )}</span>
            `
        )}
      </div>
      <div class="keys flow">
        <${Key} shape="bar own">works itself<//>
        <${Key} shape="bar child">a child works<//>
        <${Key} shape="bar wait">waits<//>
        <span class="key"><b class="left-out">≈</b> time left out</span>
        <${Key} shape="critical">critical path<//>
        <${Key} shape="log">log<//>
      </div>
    </div>
  `;
}

/** @param {{ service: string }} props */
function Filter({ service }) {
  const isHidden = hiddenServices.value.has(service);
  const toggle = () => {
    const others = [...hiddenServices.value].filter((other) => other !== service);
    hiddenServices.value = new Set(isHidden ? others : [...others, service]);
  };
  return html`
    <button type="button" class="bare" aria-pressed=${String(!isHidden)} onClick=${toggle}>
      <${Tile} service=${service} /><bdi>${nameOf(service)}</bdi>
    </button>
  `;
}

/** @param {{ shape: string, children: unknown }} props */
function Key({ shape, children }) {
  return html`<span class="key"><i class="sample"><i class=${shape}></i></i>${children}</span>`;
}
