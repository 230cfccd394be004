import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";

/** A mocked clock; see {@linkcode stopTime}. */
export interface StoppedTime extends Disposable {
  /** Runs pending work, advances the clock by this many milliseconds, and runs the work then due. */
  readonly pass: (milliseconds: number) => Promise<void>;
}

/** Mocks the clock of all timers until the result is disposed. */
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
