/**
 * Texts that change with the time: how long something has waited, when something is due. One timer drives all of them, and runs
 * only while there are any.
 *
 * @module
 */
import { setText } from "./dom.js";

const TICK_MS = 100;

/** @type {Map<Element, (nowMs: number) => string>} */
const texts = new Map();
/** @type {number | undefined} */
let timer;

/**
 * Keeps a text up to date until it is replaced or leaves the page.
 *
 * @param {Element} target Where the text is.
 * @param {(nowMs: number) => string} textOf What it says at a moment.
 */
export function keepText(target, textOf) {
  texts.set(target, textOf);
  setText(target, textOf(Date.now()));
  timer ??= setInterval(tick, TICK_MS);
}

/**
 * Sets a text that stays.
 *
 * @param {Element} target Where the text is.
 * @param {string} text What it says.
 */
export function fixText(target, text) {
  texts.delete(target);
  setText(target, text);
}

function tick() {
  const nowMs = Date.now();
  for (const [target, textOf] of texts) {
    if (target.isConnected) setText(target, textOf(nowMs));
    else texts.delete(target);
  }
  if (texts.size === 0) {
    clearInterval(timer);
    timer = undefined;
  }
}
