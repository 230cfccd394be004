/**
 * Small charts of the emails that the filter finds: how many, how long each hop took, what waits.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answered } from "./answers.js"
 * @import { ChartsAnswer } from "./types.ts"
 */
import { effect, signal } from "@preact/signals";
import { html } from "htm/preact";
import { valueOf } from "./controls.js";
import { useAnswer } from "./answers.js";
import { lastMs, query, range } from "./explore_filter.js";
import { countOf, formatDuration } from "./format.js";
import { Icon } from "./icons.js";
import { faults, waiting } from "./state.js";

/** The size of a chart in its own units; it is stretched to its place. */
const [WIDTH, HEIGHT] = [260, 64];

/** @typedef {readonly (readonly [ms: number, value: number | null])[]} Points Where nothing is known, the line breaks. */
/** @typedef {{ points: Points, stroke?: string }} Line */
/** @typedef {{ fromMs: number, toMs: number }} Axis */

/** When a fault was on, while the page was open. @type {Signal<readonly { title: string, fromMs: number, toMs: number }[]>} */
const faultTimes = signal([]);
effect(() => {
  const active = faults.value.filter(({ active }) => active !== null).map(({ title }) => title);
  const before = faultTimes.peek();
  const isOpen = (/** @type {{ toMs: number }} */ { toMs }) => toMs === Infinity;
  const known = before.filter(isOpen).map(({ title }) => title);
  faultTimes.value = [
    ...before.map((time) =>
      isOpen(time) && !active.includes(time.title) ? { ...time, toMs: Date.now() } : time
    ),
    ...active.filter((title) => !known.includes(title))
      .map((title) => ({ title, fromMs: Date.now(), toMs: Infinity })),
  ].slice(-100);
});

const hopId = signal("smtp");

export function Charts() {
  /** @type {Answered<ChartsAnswer>} */
  const { body, problem } = useAnswer(`/api/explore/charts?${query.value}`);
  return html`
    <section class="card" id="charts" aria-labelledby="charts-title">
      <header class="flow">
        <h2 id="charts-title">${titleOf()}</h2>
        ${problem && html`<span class="muted">${problem.detail}</span>`}
        ${body && html`<${Shaded} axis=${axisOf(body)} />`}
      </header>
      ${body && html`<${Figures} body=${body} />`}
    </section>
  `;
}

/** @param {{ body: ChartsAnswer }} props */
function Figures({ body }) {
  const axis = axisOf(body);
  const { accepted, retries, stepMs, hops } = body;
  const hop = hops.find(({ id }) => id === hopId.value) ?? hops[0];
  const seconds = (accepted.length * stepMs) / 1_000;
  const perSecond = sumOf(accepted) / seconds;
  const perMinute = (60 * sumOf(retries)) / seconds;
  /** @param {readonly (number | null)[]} values @param {number} [factor] @returns {Points} */
  const pointsOf = (values, factor = 1) =>
    values.map((value, step) => [axis.fromMs + (step + 0.5) * stepMs, value && value * factor]);
  const quantiles = [hop?.p50Us ?? [], hop?.p95Us ?? [], hop?.p99Us ?? []];
  const latest = quantiles.map((values) => values.findLast((value) => value !== null));
  const count = waiting.value.at(-1)?.[1] ?? undefined;
  return html`
    <div class="charts">
      <${Chart} title="Accepted per second" value=${numberOf(perSecond)} axis=${axis}
        write=${numberOf} lines=${[{ points: pointsOf(accepted, 1_000 / stepMs) }]} />
      <${Chart} title=${html`
        <select aria-label="Hop" value=${hop?.id} onChange=${(/** @type {Event} */ event) =>
          hopId.value = valueOf(event)}>
          ${hops.map(({ id, label }) => html`<option value=${id}>${label}</option>`)}
        </select>
        ${" "}p50, p95 (dashed), p99 (dots)
      `} label=${`${hop?.label}: p50, p95 and p99`} axis=${axis} write=${formatDuration}
        value=${latest.some((us) => us !== undefined && us !== null)
          ? latest.map((us) => formatDuration(us ?? 0)).join(", ")
          : "nothing took it"}
        lines=${["solid", "dashed", "dotted"].map((stroke, index) => ({
          points: pointsOf(quantiles[index] ?? []),
          stroke,
        }))} />
      <${Chart} title="Waiting in queues, since this page was opened" axis=${axis}
        write=${numberOf} tone="wait"
        value=${count === undefined ? "unknown" : countOf(count, "email")}
        lines=${[{ points: [...waiting.value, [Date.now(), count ?? null]] }]} />
      <${Chart} title="Retries per minute" value=${numberOf(perMinute)} axis=${axis}
        write=${numberOf} lines=${[{ points: pointsOf(retries, 60_000 / stepMs) }]} tone="wait" />
    </div>
  `;
}

/**
 * @param {{ title: unknown, label?: string, value: string, axis: Axis, lines: readonly Line[], write: (value: number) => string,
 *   tone?: string }} props
 */
function Chart({ title, label = String(title), value, axis, lines, write, tone }) {
  const { fromMs, toMs } = axis;
  const shown = lines.map(({ points, stroke = "solid" }) => ({
    points: points.filter(([ms]) => ms >= fromMs && ms <= toMs),
    stroke,
  }));
  const most = Math.max(0, ...shown.flatMap(({ points }) => points.map(([, one]) => one ?? 0)));
  const xOf = (/** @type {number} */ ms) =>
    WIDTH * Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)));
  const yOf = (/** @type {number} */ one) =>
    HEIGHT - 2 - (HEIGHT - 8) * (most === 0 ? 0 : one / most);
  const [start, end] = [clockOf(fromMs), clockOf(toMs)];
  const words = `${label}: ${value}; at most ${write(most)}, ${start} to ${end}`;
  return html`
    <figure data-tone=${tone}>
      <figcaption><h3>${title}</h3><b>${value}</b></figcaption>
      <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${words}>
        ${faultsIn(axis).map((fault) => {
          const [x, endX] = [xOf(fault.fromMs), xOf(fault.toMs)];
          return html`<rect class="shade" x=${x} width=${
            Math.max(1, endX - x)
          } height=${HEIGHT} />`;
        })}
        <path class="rule" d=${`M0 ${HEIGHT - 2}H${WIDTH}M0 6H${WIDTH}`} />
        ${shown.map(({ points, stroke }) =>
          html`<path class=${stroke} d=${pathOf(points, xOf, yOf)} />`
        )}
      </svg>
      <p class="muted" aria-hidden="true">
        <span>${start}</span><span>at most ${write(most)}</span><span>${end}</span>
      </p>
    </figure>
  `;
}

/** What the shaded times mean. @param {{ axis: Axis }} props */
function Shaded({ axis }) {
  const titles = new Set(faultsIn(axis).map(({ title }) => title));
  return titles.size > 0 && html`
    <span class="pill" data-tone="wait"><${Icon} name="break" />shaded: ${[...titles].join(
      ", ",
    )}</span>
  `;
}

/** @param {Axis} axis */
function faultsIn(axis) {
  return faultTimes.value.filter(({ fromMs, toMs }) => fromMs < axis.toMs && toMs > axis.fromMs);
}

/** @param {ChartsAnswer} body @returns {Axis} */
function axisOf({ fromMs, stepMs, accepted }) {
  return { fromMs, toMs: fromMs + stepMs * accepted.length };
}

/** @param {Points} points @param {(ms: number) => number} xOf @param {(value: number) => number} yOf */
function pathOf(points, xOf, yOf) {
  let pen = "M";
  return points.map(([ms, value], index) => {
    if (value === null) {
      pen = "M";
      return "";
    }
    const isAlone = pen === "M" && (points[index + 1]?.[1] ?? null) === null;
    const step = `${pen}${xOf(ms).toFixed(1)} ${yOf(value).toFixed(1)}${isAlone ? "h.1" : ""}`;
    pen = "L";
    return step;
  }).join("");
}

function titleOf() {
  if (range.value !== undefined) return "In the chosen time";
  if (lastMs.value === Infinity) return "All times";
  const minutes = Math.round(lastMs.value / 60_000);
  return minutes < 120 ? `Last ${minutes} minutes` : `Last ${Math.round(minutes / 60)} hours`;
}

/** @param {readonly number[]} values */
function sumOf(values) {
  return values.reduce((sum, value) => sum + value, 0);
}

/** @param {number} value */
function numberOf(value) {
  return value < 10 ? String(Number(value.toFixed(2))) : String(Math.round(value));
}

/** @param {number} ms */
function clockOf(ms) {
  return new Date(ms).toLocaleTimeString([], { timeStyle: "short" });
}
