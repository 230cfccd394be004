/** Time, as the faults need it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once, after some milliseconds. The returned function takes that back. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
