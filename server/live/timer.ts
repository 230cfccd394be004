/** Calls a function later, once; passed in, so that tests need no time. */
export type Timer = (delayMs: number, run: () => void) => CancelTimer;

export type CancelTimer = () => void;

export const processTimer: Timer = (delayMs, run) => {
  const id = setTimeout(run, delayMs);
  return () => clearTimeout(id);
};
