/**
 * Texts that change with the time: when something is due, when it ends. One timer drives all of them, and runs only while there are any.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const TICK_MS = 100;

/** The time that counting texts show, in milliseconds since 1970. */
const nowMs = signal(Date.now());
let readerCount = 0;
/** @type {number | undefined} */
let timer;

/**
 * Redraws a component as time passes.
 *
 * @returns {number} The time in milliseconds since 1970.
 */
function useNow() {
  useEffect(() => {
    readerCount++;
    nowMs.value = Date.now();
    timer ??= setInterval(() => nowMs.value = Date.now(), TICK_MS);
    return () => {
      if (--readerCount > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return nowMs.value;
}

/**
 * A text that counts.
 *
 * @param {{ textAt: (nowMs: number) => unknown }} props Its text at a moment.
 */
export function Counting({ textAt }) {
  return textAt(useNow());
}
