/** Keeps the focus near a control that goes away or is disabled: without it, the keyboard would begin at the top of the page again. */

import { focusOn } from "./controls.js";

/** What the Tab key stops at. A field would take the keys of the page, and a row would show its preview. */
const STOPS = ':is(button:enabled, a[href], summary, [tabindex="0"]:not(.row))';

/** What a view begins with. */
export const VIEW = "main[tabindex], #journey";

/** What had the focus last, with all that it is in. @type {readonly Element[]} */
let trail = [];
/** The stops before it. @type {ReadonlySet<Element>} */
let before = new Set();

/** Starts to watch the focus. @param {Element} app */
export function startFocus(app) {
  addEventListener("focusin", ({ target }) => {
    trail = [...ancestorsOf(target)];
    const isBefore = (/** @type {Element} */ stop) =>
      target instanceof Node &&
      stop.compareDocumentPosition(target) === Node.DOCUMENT_POSITION_FOLLOWING;
    before = new Set([...app.querySelectorAll(STOPS)].filter(isBefore));
  });
  // Who leaves a control that stays wants the focus nowhere. What goes away is gone by then.
  addEventListener("focusout", ({ target }) =>
    queueMicrotask(() => {
      if (target === trail[0] && !isGone(trail[0])) trail = [];
    }));
  new MutationObserver(() => {
    const { activeElement, body } = document;
    const isLost = activeElement === body || activeElement === trail[0];
    if (isLost && isGone(trail[0])) focusNear();
  }).observe(app, { childList: true, subtree: true, attributeFilter: ["disabled"] });
}

/** @param {EventTarget | null} target */
function* ancestorsOf(target) {
  for (let one = target; one instanceof Element; one = one.parentElement) yield one;
}

/** @param {Element | undefined} element */
function isGone(element) {
  return element !== undefined && (!element.isConnected || element.matches(":disabled"));
}

/** Focuses the stop before, or else the first one, in what is left around; beyond a view, the view. */
function focusNear() {
  for (const around of trail.slice(1)) {
    if (around.matches("main, #app")) break;
    const stops = [...around.isConnected ? around.querySelectorAll(STOPS) : []]
      .filter((stop) => stop.checkVisibility());
    const stop = stops.findLast((stop) => before.has(stop)) ?? stops[0];
    if (stop instanceof HTMLElement || stop instanceof SVGElement) {
      return stop.focus({ preventScroll: true });
    }
  }
  focusOn(VIEW);
}
