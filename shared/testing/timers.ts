import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";

/** Time that stands still; see {@linkcode stopTime}. */
export interface StoppedTime extends Disposable {
  /** Lets everything under way come to its wait, lets so many milliseconds pass, and lets what was due come to its next one. */
  readonly pass: (milliseconds: number) => Promise<void>;
}

/** Lets the time of all timers stand still, until the result is disposed. */
export function stopTime(): StoppedTime {
  mock.timers.enable({ apis: ["setTimeout"] });
  return {
    async pass(milliseconds) {
      await setImmediate();
      mock.timers.tick(milliseconds);
      await setImmediate();
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}
