import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";

/** Mocks the clock of all timers, and the monotonic one, which begins at 0, until the result is disposed. */
export function stopTime() {
  let nowMs = 0;
  const clock = mock.method(performance, "now", () => nowMs);
  mock.timers.enable({ apis: ["setTimeout"] });
  const advance = (milliseconds: number) => {
    nowMs += milliseconds;
    mock.timers.tick(milliseconds);
  };
  return {
    /** Runs pending work, advances the clock, and runs the work that is due by then. */
    async pass(milliseconds: number) {
      await setImmediate();
      advance(milliseconds);
      await setImmediate();
    },
    /** Advances the clock, step by step, until the work is done. */
    async passUntil<Result>(work: Promise<Result>, stepMs: number): Promise<Result> {
      let isDone = false;
      const end = () => isDone = true;
      work.then(end, end);
      for (await setImmediate(); !isDone; await setImmediate()) advance(stepMs);
      return await work;
    },
    [Symbol.dispose]() {
      mock.timers.reset();
      clock.mock.restore();
    },
  };
}
