/** Keeps the focus near a control that goes away or is disabled: without it, the keyboard would begin at the top of the page again. */

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
    const stops = [...app.querySelectorAll(STOPS)];
    before = new Set(stops.slice(0, Math.max(0, stops.findIndex((stop) => stop === target))));
  });
  // Who leaves a control that stays wants the focus nowhere. What goes away is gone by then.
  addEventListener("focusout", ({ target }) =>
    queueMicrotask(() => {
      if (target === trail[0] && !isGone(trail[0])) trail = [];
    }));
  new MutationObserver(() => {
    const { activeElement, body } = document;
    const isLost = activeElement === body || activeElement === trail[0];
    if (isLost && isGone(trail[0])) focusNear(app);
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

/** Focuses the stop before, or else the first one, in what is left around; beyond a view, the view. @param {Element} app */
function focusNear(app) {
  for (const around of trail.slice(1)) {
    if (around.matches("main, #app")) break;
    const stops = [...around.isConnected ? around.querySelectorAll(STOPS) : []]
      .filter((stop) => stop.checkVisibility());
    const stop = stops.findLast((stop) => before.has(stop)) ?? stops[0];
    if (stop instanceof HTMLElement || stop instanceof SVGElement) {
      return stop.focus({ preventScroll: true });
    }
  }
  const view = app.querySelector(VIEW);
  if (view instanceof HTMLElement) view.focus({ preventScroll: true });
}
