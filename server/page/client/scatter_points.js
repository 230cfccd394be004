/**
 * The scatter's points, drawn on a canvas, since there may be thousands. Colour, shape and words say how each email ended.
 *
 * @import { EmailPoints } from "./types.ts"
 */
import { html } from "htm/preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { formatDuration } from "./format.js";
import { isDark } from "./theme.js";

/** How near the pointer must be to a point, and the size of a mark's picture; in pixels. */
const REACH = 10;
const MARK = 14;

/** In the order in which they are drawn: the rare ones lie above. Each has its mark, around 0, 0. */
export const KINDS = /** @type {const} */ ([
  { name: "archived", tone: "done", isFilled: true, mark: "M3 0A3 3 0 1 1-3 0A3 3 0 1 1 3 0" },
  { name: "archived after retries", tone: "wait", isFilled: true, mark: "M0-5L5 0L0 5L-5 0z" },
  { name: "dead letter or refused", tone: "fail", mark: "M-3.5-3.5L3.5 3.5M3.5-3.5L-3.5 3.5" },
  { name: "on its way", tone: "now", mark: "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0" },
]);

/** @typedef {ReturnType<typeof pointsIn>[number]} Point An email in the plot. */
/** @typedef {{ point: Point, x: number, y: number }} Placed A point and its place in pixels. */

/** Reads the server's columns. @param {EmailPoints} columns */
export function pointsIn({ startMs, durationMs, state, attemptCount, traceId, emailId }) {
  return startMs.map((startMs, index) => ({
    startMs,
    durationMs: durationMs[index] ?? 0,
    kind: kindOf(state[index] ?? "", attemptCount[index] ?? 0),
    attemptCount: attemptCount[index] ?? 0,
    traceId: traceId[index] ?? "",
    emailId: emailId[index] ?? undefined,
  }));
}

/** @param {string} state @param {number} attemptCount */
function kindOf(state, attemptCount) {
  if (state === "archived") return KINDS[attemptCount > 1 ? 1 : 0];
  return KINDS[state === "dead-lettered" || state === "refused" ? 2 : 3];
}

/**
 * The point at a place. Looking through thousands takes less than a millisecond.
 *
 * @param {readonly Placed[]} placed @param {{ x: number, y: number }} place
 */
export function nearest(placed, { x, y }) {
  let found;
  let least = REACH;
  for (const one of placed) {
    const distance = Math.hypot(one.x - x, one.y - y);
    if (distance < least) [found, least] = [one, distance];
  }
  return found;
}

/** @param {{ placed: readonly Placed[], width: number, height: number }} props */
export function Points({ placed, width, height }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const words = useMemo(() => inWords(placed.map(({ point }) => point)), [placed]);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, placed);
  }, [placed, isDark.value]);
  return html`
    <canvas ref=${canvas} role="img" aria-label=${words} width=${width * devicePixelRatio}
      height=${height * devicePixelRatio}
      style=${{ width: `${width}px`, height: `${height}px` }}></canvas>
  `;
}

/** How many points there are of each kind, and how long they took. @param {readonly Point[]} points */
function inWords(points) {
  const sentences = KINDS.flatMap((kind) => {
    const times = points.filter((point) => point.kind === kind)
      .map(({ durationMs }) => durationMs * 1_000).toSorted((a, b) => a - b);
    const [least, median, most] = [times[0], times[times.length >> 1], times.at(-1)];
    if (least === undefined || median === undefined || most === undefined) return [];
    const range = `${formatDuration(least)} to ${formatDuration(most)}`;
    return [
      `${times.length} ${kind.name}: ${range}, half of them within ${formatDuration(median)}.`,
    ];
  });
  return sentences.join(" ") || "No emails.";
}

/** @param {HTMLCanvasElement} canvas @param {readonly Placed[]} placed */
function draw(canvas, placed) {
  const context = canvas.getContext("2d");
  context?.clearRect(0, 0, canvas.width, canvas.height);
  for (const kind of KINDS) {
    const picture = pictureOf(kind, canvas);
    for (const { point, x, y } of placed) {
      if (point.kind !== kind) continue;
      const [left, top] = [x - MARK / 2, y - MARK / 2].map((at) => at * devicePixelRatio);
      context?.drawImage(picture, left ?? 0, top ?? 0);
    }
  }
}

/**
 * A mark is drawn once, in the colour that its tone has now, and then copied.
 *
 * @param {typeof KINDS[number]} kind
 * @param {HTMLElement} canvas
 */
function pictureOf({ tone, mark, ...kind }, canvas) {
  const picture = new OffscreenCanvas(MARK * devicePixelRatio, MARK * devicePixelRatio);
  const context = picture.getContext("2d");
  canvas.dataset.tone = tone;
  const { color } = getComputedStyle(canvas);
  if (context === null) return picture;
  context.scale(devicePixelRatio, devicePixelRatio);
  context.translate(MARK / 2, MARK / 2);
  context.lineWidth = 2;
  // A crowd is darker than one.
  context.globalAlpha = tone === "done" ? 0.65 : 1;
  context.fillStyle = context.strokeStyle = color;
  if ("isFilled" in kind) context.fill(new Path2D(mark));
  else context.stroke(new Path2D(mark));
  return picture;
}
