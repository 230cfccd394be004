/** Calls a function later, once; passed in, so that tests need no time. */
export type Timer = (delayMs: number, run: () => void) => CancelTimer;

/** Takes the call back. */
export type CancelTimer = () => void;

/** The timer of the process. */
export const processTimer: Timer = (delayMs, run) => {
  const id = setTimeout(run, delayMs);
  return () => clearTimeout(id);
};
