/**
 * The emails as points: their duration against the time when they were sent. A range of time can be chosen, for all panels.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Placed, Point } from "./scatter_points.js"
 * @import { Answered } from "./answers.js"
 * @import { EmailPoints } from "./types.ts"
 */
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { hashOf } from "./email_list.js";
import { useAnswer } from "./answers.js";
import { changeFilter, range, timeWindow, whenCalm, windowQuery } from "./explore_filter.js";
import { countOf, formatDuration, formatTime } from "./format.js";
import { KINDS, nearest, Points, pointsIn } from "./scatter_points.js";

/** The edges of the plot, in pixels. */
const [LEFT, RIGHT, TOP, BOTTOM, HEIGHT] = [58, 14, 22, 276, 300];

/** The lines across, by their powers of ten, in milliseconds. */
const DECADES = ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s", "1000 s"];

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 7, 30, 365].map((days) => days * DAY_MS),
];

/** A label and some room. */
const TICK_WIDTH = 110;

/** @typedef {{ fromMs: number, toMs: number, width: number }} Scale The time across a picture, with its width in pixels. */

/** A pointer that moves less, in pixels, has clicked. */
const CLICK = 4;

/** The steps of the keys, as shares of the shown time. @type {Readonly<Record<string, number>>} */
const KEY_STEPS = { ArrowLeft: -0.01, ArrowRight: 0.01, PageDown: -0.1, PageUp: 0.1 };

/** The range that is being chosen. @type {Signal<{ fromMs: number, toMs: number } | undefined>} */
const draft = signal();

export function Scatter() {
  /** @type {Answered<{ points: EmailPoints }>} */
  const { body, problem } = useAnswer(`/api/explore/points?${windowQuery.value}`);
  const points = useMemo(() => body === undefined ? [] : pointsIn(body.points), [body]);
  const plot = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (plot.current !== null) observer.observe(plot.current);
    return () => {
      observer.disconnect();
      draft.value = undefined;
    };
  }, []);
  const { fromMs, toMs } = timeWindow.value;
  const oldestMs = points.at(-1)?.startMs ?? toMs - 1_000;
  const scale = { fromMs: Number.isFinite(fromMs) ? fromMs : oldestMs, toMs, width };
  const words = `${countOf(points.length, "email")}. Drag to choose a range, click for the trace.`;
  return html`
    <section class="card" id="scatter" aria-labelledby="scatter-title">
      <header class="flow">
        <h2 id="scatter-title">Duration against time</h2>
        <span class="muted">${problem?.detail ?? (body && words)}</span>
      </header>
      <div class="plot" ref=${plot}>
        ${width > 0 && html`<${Plot} points=${points} scale=${scale} />`}
      </div>
      <ul class="marks flow">
        ${KINDS.map(({ name, tone, mark, ...kind }) =>
          html`
            <li key=${tone} data-tone=${tone}>
              <svg viewBox="-6 -6 12 12" class=${"isFilled" in kind ? "filled" : ""}
                aria-hidden="true"><path d=${mark} /></svg>${name}
            </li>
          `
        )}
      </ul>
    </section>
  `;
}

/** @param {{ points: readonly Point[], scale: Scale }} props */
function Plot({ points, scale }) {
  const [pointer, setPointer] = useState(
    /** @type {{ x: number, y: number } | undefined} */ (undefined),
  );
  const drag = useRef(/** @type {{ x: number, anchorMs: number } | undefined} */ (undefined));
  const placed = useMemo(
    () =>
      points.map((point) => ({ point, x: xOf(point.startMs, scale), y: yOf(point.durationMs) })),
    [points, scale.fromMs, scale.toMs, scale.width],
  );
  const hovered = draft.value === undefined && pointer ? nearest(placed, pointer) : undefined;
  const start = (/** @type {PointerEvent} */ event) => {
    const { button, currentTarget, pointerId, target } = event;
    if (button !== 0 || !(currentTarget instanceof Element)) return;
    currentTarget.setPointerCapture(pointerId);
    const place = placeOf(event);
    setPointer(place);
    const { fromMs, toMs } = range.value ?? scale;
    /** A handle moves its end of the range. @type {Readonly<Record<string, number>>} */
    const ends = { "range-start": toMs, "range-end": fromMs };
    drag.current = { x: place.x, anchorMs: ends[idOf(target)] ?? timeAt(place.x, scale) };
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const place = placeOf(event);
    setPointer(place);
    const begun = drag.current;
    if (begun === undefined || (!draft.value && Math.abs(place.x - begun.x) < CLICK)) return;
    draft.value = between(begun.anchorMs, timeAt(place.x, scale));
  };
  const end = () => {
    if (drag.current === undefined) return;
    drag.current = undefined;
    if (draft.value !== undefined) choose(true);
    else if (hovered !== undefined) location.hash = hashOf(hovered.point);
  };
  const cancel = () => drag.current = draft.value = undefined;
  return html`
    <svg role="group" aria-label="Range of time" width=${scale.width} height=${HEIGHT}
      class=${hovered && "pointed"} onPointerDown=${start} onPointerMove=${move} onPointerUp=${end}
      onPointerCancel=${cancel} onPointerLeave=${() => setPointer(undefined)}>
      <${Axes} scale=${scale} />
      <${Range} points=${points} scale=${scale} />
    </svg>
    <${Points} placed=${placed} width=${scale.width} height=${HEIGHT} />
    ${hovered && html`<${Tip} placed=${hovered} width=${scale.width} />`}
  `;
}

/** @param {EventTarget | null} target */
function idOf(target) {
  return target instanceof Element ? target.id : "";
}

/** @param {PointerEvent} event */
function placeOf({ currentTarget, clientX, clientY }) {
  const { left = 0, top = 0 } = currentTarget instanceof Element
    ? currentTarget.getBoundingClientRect()
    : {};
  return { x: clientX - left, y: clientY - top };
}

/** @param {number} oneMs @param {number} otherMs */
function between(oneMs, otherMs) {
  const [fromMs = 0, toMs = 0] = [oneMs, otherMs].map(Math.round).toSorted((a, b) => a - b);
  return { fromMs, toMs };
}

/** Makes the draft the range. @param {boolean} isStep Whether back leads to the range before. */
function choose(isStep) {
  if (draft.value === undefined) return;
  const { fromMs, toMs } = draft.value;
  draft.value = undefined;
  changeFilter({ from: String(fromMs), to: String(toMs) }, isStep);
}

/**
 * The chosen range, with a handle at each end; without one, they are at the ends of the plot.
 *
 * @param {{ points: readonly Point[], scale: Scale }} props
 */
function Range({ points, scale }) {
  const shown = draft.value ?? range.value;
  const { fromMs, toMs } = shown ?? scale;
  const [fromX, toX] = [xOf(fromMs, scale), xOf(toMs, scale)];
  const isFirst = range.value === undefined;
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = KEY_STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const isFrom = idOf(event.target) === "range-start";
    const to = timeAt(isFrom ? fromX : toX, scale) + step * (scale.toMs - scale.fromMs);
    const within = Math.min(
      isFrom ? toMs : scale.toMs,
      Math.max(isFrom ? scale.fromMs : fromMs, to),
    );
    draft.value = between(within, isFrom ? toMs : fromMs);
    whenCalm(() => choose(isFirst));
  };
  return html`
    ${shown && html`
      <rect class="brush" x=${fromX} y=${TOP} width=${toX - fromX} height=${BOTTOM - TOP} rx="2" />
      <text id="range-words" class="brush-words" text-anchor="middle" y=${TOP - 8}
        x=${Math.min(scale.width - RIGHT - 80, Math.max(LEFT + 80, (fromX + toX) / 2))}>${wordsOf(
          points,
          shown,
        )}</text>
    `}
    ${/** @type {const} */ ([
      ["range-start", "Start of the range", fromMs, fromX],
      ["range-end", "End of the range", toMs, toX],
    ]).map(([id, label, ms, x]) =>
      html`
        <rect key=${id} id=${id} class="handle" role="slider" tabindex="0"
          aria-label=${label}
          aria-valuemin=${Math.round(scale.fromMs)} aria-valuemax=${Math.round(scale.toMs)}
          aria-valuenow=${Math.round(ms)} aria-valuetext=${formatTime(ms)}
          x=${x - 4} y=${(TOP + BOTTOM) / 2 - 12} width="8" height="24" rx="3"
          onKeyDown=${onKeyDown} />
      `
    )}
  `;
}

/** @param {readonly Point[]} points @param {{ fromMs: number, toMs: number }} shown */
function wordsOf(points, { fromMs, toMs }) {
  const { length } = points.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
  return `${countOf(length, "email")} in ${formatDuration((toMs - fromMs) * 1_000)}`;
}

/** The email under the pointer. @param {{ placed: Placed, width: number }} props */
function Tip({ placed: { point, x, y }, width }) {
  const { emailId, kind, durationMs, attemptCount, startMs } = point;
  const side = x > width / 2 ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` };
  return html`
    <p class="tip" style=${{ top: `${y - 12}px`, ...side }}>
      <b class="mono">${emailId?.slice(0, 4)}</b> ${kind.name}, ${formatDuration(
        durationMs * 1_000,
      )}${attemptCount > 1 && `, ${attemptCount} attempts`},
      sent ${formatTime(startMs)}
    </p>
  `;
}

/** @param {number} ms @param {Scale} scale */
function xOf(ms, { fromMs, toMs, width }) {
  return LEFT + (ms - fromMs) / (toMs - fromMs) * (width - LEFT - RIGHT);
}

/** @param {number} x @param {Scale} scale */
function timeAt(x, { fromMs, toMs, width }) {
  const share = (x - LEFT) / (width - LEFT - RIGHT);
  return fromMs + Math.min(1, Math.max(0, share)) * (toMs - fromMs);
}

/** @param {number} durationMs */
function yOf(durationMs) {
  const share = Math.log10(durationMs) / (DECADES.length - 1);
  return BOTTOM - Math.min(1, Math.max(0, share)) * (BOTTOM - TOP);
}

/** The axes: time across, durations up, by their logarithm. @param {{ scale: Scale }} props */
function Axes({ scale }) {
  return html`
    <g aria-hidden="true">
      ${DECADES.map((label, power) => {
        const y = yOf(10 ** power);
        return html`
          <path class="grid" d=${`M${LEFT} ${y}H${scale.width - RIGHT}`} />
          <text x=${LEFT - 8} y=${y + 4} text-anchor="end">${label}</text>
        `;
      })}
      ${ticksOf(scale).map(({ x, label }) =>
        html`<text x=${x} y=${BOTTOM + 18} text-anchor="middle">${label}</text>`
      )}
    </g>
  `;
}

/** Round moments, in the person's time zone. @param {Scale} scale */
function ticksOf(scale) {
  const { fromMs, toMs, width } = scale;
  const most = (width - LEFT - RIGHT) / TICK_WIDTH;
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= most) ?? (toMs - fromMs) / most;
  const zoneMs = new Date(fromMs).getTimezoneOffset() * MINUTE_MS;
  const firstMs = Math.ceil((fromMs - zoneMs) / stepMs) * stepMs + zoneMs;
  const timeStyle = stepMs < MINUTE_MS ? "medium" : "short";
  const format = new Intl.DateTimeFormat(
    undefined,
    stepMs < DAY_MS ? { timeStyle } : { dateStyle: "short" },
  );
  return Array.from({ length: Math.floor((toMs - firstMs) / stepMs) + 1 }, (_, index) => {
    const ms = firstMs + index * stepMs;
    return { x: xOf(ms, scale), label: format.format(ms) };
  }).filter(({ x }) => x < width - RIGHT - 16);
}
