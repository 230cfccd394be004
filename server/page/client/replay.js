/**
 * The replay: plays a journey along the time axis, which leaves long waits out.
 *
 * @import { Leg } from "./legs.js"
 */
import { momentOf, placeOf } from "@playground/shared/waterfall/drawing";
import { computed, effect, signal } from "@preact/signals";
import { html } from "htm/preact";
import { Choice, valueOf } from "./controls.js";
import { isMotionReduced } from "./envelope.js";
import { formatDuration } from "./format.js";
import { Icon } from "./icons.js";
import { endOf } from "./legs.js";
import { WAY } from "./parties.js";
import { hash, isExample, legs, momentUs, rows } from "./state.js";
import { percent, shortAxis } from "./time_axis.js";

const SPEEDS = [[0.25, "¼×"], [1, "1×"], [4, "4×"]];

/** An arrow key's step, as a share of the axis. */
const STEP = 0.02;
const MAX_PLAY_MS = 14_000;
const BASE_PLAY_MS = 3_000;
const LEG_PLAY_MS = 800;

const speed = signal(1);

const isPlaying = signal(false);

/** Where on the axis the moment is, from 0 to 1. */
const position = computed(() =>
  momentUs.value === undefined ? 1 : placeOf(shortAxis.value, momentUs.value)
);

/** Resets the moment when another email is shown. */
export function startReplay() {
  effect(() => {
    hash.value;
    pause();
    momentUs.value = undefined;
  });
}

/** Plays from the shown moment, or from the start. */
export function play() {
  if (legs.value.length === 0) return;
  if (isMotionReduced()) return moveTo(1);
  const playMs = Math.min(MAX_PLAY_MS, BASE_PLAY_MS + LEG_PLAY_MS * legs.value.length);
  let at = position.value >= 1 ? 0 : position.value;
  let before = performance.now();
  isPlaying.value = true;
  const go = () => {
    if (!isPlaying.value) return;
    const now = performance.now();
    at += (now - before) / playMs * speed.value;
    before = now;
    moveTo(at);
    if (at >= 1) isPlaying.value = false;
    else requestAnimationFrame(go);
  };
  go();
}

function pause() {
  isPlaying.value = false;
}

export function togglePlay() {
  if (isPlaying.value) pause();
  else play();
}

/** Goes a step along the axis. @param {-1 | 1} direction */
export function step(direction) {
  pause();
  moveTo(position.value + direction * STEP);
}

/** @param {number} at */
function moveTo(at) {
  momentUs.value = at >= 1 || legs.value.length === 0
    ? undefined
    : momentOf(shortAxis.value, Math.max(0, at));
}

/** The bar below the journey. It is always there, so that the layout does not shift. */
export function ReplayBar() {
  const isEmpty = legs.value.length === 0;
  const isNow = momentUs.value === undefined;
  const totalUs = isEmpty ? 0 : Math.max(...rows.value.map(endOf));
  const text = formatDuration(momentUs.value ?? totalUs);
  return html`
    <div class="replay" role="group" aria-label="Replay">
      <button type="button" class="bare" id="play" disabled=${isEmpty} onClick=${togglePlay}
        aria-label=${isPlaying.value ? "Pause" : "Play"}>
        <${Icon} name=${isPlaying.value ? "pause" : "play"} />
      </button>
      <span class="pill" data-tone=${isNow ? "idle" : "now"}>${isExample.value
        ? "Example"
        : isNow
        ? "Now"
        : "Replay"}</span>
      <span class="replay-time">${isEmpty
        ? ""
        : html`${text} <span class="muted">of ${formatDuration(totalUs)}</span>`}</span>
      <div class="scrub">
        ${legs.value.map((leg) => html`<${Stretch} leg=${leg} />`)}
        <input type="range" min="0" max="1000" value=${position.value * 1_000} disabled=${isEmpty}
          aria-label="Moment of the replay" aria-valuetext=${text}
          onInput=${(/** @type {InputEvent} */ event) => {
            pause();
            moveTo(Number(valueOf(event)) / 1_000);
          }} />
        <i class="knob" style=${{ left: `${position.value * 100}%` }} hidden=${isEmpty}></i>
      </div>
      <${Choice} label="Speed" options=${SPEEDS} chosen=${speed.value}
        onChoose=${(/** @type {number} */ one) => speed.value = one} />
    </div>
  `;
}

/** @param {{ leg: Leg }} props */
function Stretch({ leg: { on, fromUs, toUs, error } }) {
  const [from, to] = [placeOf(shortAxis.value, fromUs), placeOf(shortAxis.value, toUs)];
  const isWait = on === "retry" || on === WAY.queue || on === WAY.poll;
  const kind = error !== undefined ? "fail" : isWait ? "wait" : "work";
  const style = { left: percent(from), width: percent(to - from) };
  return html`<i class=${kind} style=${style}></i>`;
}
