import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";

/** Mocks the clock of all timers, and the monotonic one, which begins at 0, until the result is disposed. */
export function stopTime() {
  let nowMs = 0;
  const clock = mock.method(performance, "now", () => nowMs);
  mock.timers.enable({ apis: ["setTimeout"] });
  return {
    /** Runs pending work, advances the clock, and runs the work then due. */
    async pass(milliseconds: number) {
      await setImmediate();
      nowMs += milliseconds;
      mock.timers.tick(milliseconds);
      await setImmediate();
    },
    [Symbol.dispose]() {
      mock.timers.reset();
      clock.mock.restore();
    },
  };
}
