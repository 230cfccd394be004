import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";

/** Mocks the clock of all timers until the result is disposed. */
export function stopTime() {
  mock.timers.enable({ apis: ["setTimeout"] });
  return {
    /** Runs pending work, advances the clock, and runs the work then due. */
    async pass(milliseconds: number) {
      await setImmediate();
      mock.timers.tick(milliseconds);
      await setImmediate();
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}
