/** Texts that change with the time: when something is due, when it ends. One timer drives all, and runs while there are any. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const TICK_MS = 100;

/** The time that counting texts show, in milliseconds since 1970. */
const nowMs = signal(Date.now());
let readerCount = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** A text that counts. @param {{ textAt: (nowMs: number) => unknown }} props */
export function Counting({ textAt }) {
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
  return textAt(nowMs.value);
}
