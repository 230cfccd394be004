/**
 * Where the envelope is drawn. It moves along the edges as spans arrive; in a replay it shows the email's place.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Place } from "./legs.js"
 */
import { effect, signal } from "@preact/signals";
import { AT } from "./parties.js";
import { hash, moment, momentUs } from "./state.js";

/** The time from one party to the next. */
const EDGE_MS = 300;

/** Where it is drawn. @type {Signal<Place | undefined>} */
export const envelope = signal();

export const isMotionReduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Starts to move it. */
export function startEnvelope() {
  let frame = 0;
  let shownHash = "";
  effect(() => {
    const target = moment.value?.place;
    cancelAnimationFrame(frame);
    const from = envelope.peek();
    const isAnother = shownHash !== hash.value;
    shownHash = hash.value;
    const jumps = momentUs.value !== undefined || isAnother || isMotionReduced() || document.hidden;
    if (from === undefined || target === undefined || jumps) {
      envelope.value = target;
      return;
    }
    const stretches = stretchesBetween(from, target);
    const startedAt = performance.now();
    const move = () => {
      const place = placeAfter(stretches, (performance.now() - startedAt) / EDGE_MS) ?? target;
      envelope.value = place;
      if (place !== target) frame = requestAnimationFrame(move);
    };
    move();
  });
}

/** The segments from one place to another, each forwards. @param {Place} from @param {Place} to */
function stretchesBetween(from, to) {
  /** @param {Place["track"]} track @param {number} from @param {number} to */
  const stretch = (track, from, to) => to > from ? [{ track, from, to }] : [];
  if (from.track === to.track) {
    return to.at >= from.at || to.track === "way" ? stretch(to.track, from.at, to.at) : [
      ...stretch("retry", from.at, 1),
      ...stretch("way", AT.broker, AT.emailer),
      ...stretch("retry", 0, to.at),
    ];
  }
  return to.track === "retry"
    ? [...stretch("way", from.at, AT.emailer), ...stretch("retry", 0, to.at)]
    : [...stretch("retry", from.at, 1), ...stretch("way", AT.broker, to.at)];
}

/** @param {ReturnType<typeof stretchesBetween>} stretches @param {number} way @returns {Place | undefined} */
function placeAfter(stretches, way) {
  let left = way;
  for (const { track, from, to } of stretches) {
    if (left < to - from) return { track, at: from + left };
    left -= to - from;
  }
  return undefined;
}
