import { deepEqual, equal, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { createMicrosecondClock, type TimeSources, toHrTime, toMicroseconds } from "./clock.ts";

/**
 * A machine's two clocks: the wall clock shows whole milliseconds; reading either takes 10 microseconds. `pause` is added once, at
 * the next reading of the wall clock, as if the scheduler had taken the processor away.
 */
class FakeTime implements TimeSources {
  trueMicroseconds = 1_700_000_000_000_250;
  wallErrorMs = 0;
  pauseMicroseconds = 0;

  readonly wallMs = (): number => {
    this.trueMicroseconds += 10 + this.pauseMicroseconds;
    this.pauseMicroseconds = 0;
    return Math.floor(this.trueMicroseconds / 1000) + this.wallErrorMs;
  };

  readonly monotonicMs = (): number => {
    this.trueMicroseconds += 10;
    // Its origin is arbitrary, such as the start of the process.
    return (this.trueMicroseconds - 1_699_999_999_000_000) / 1000;
  };
}

Deno.test("nowMicroseconds() is finer than a millisecond and agrees with the wall clock", () => {
  const time = new FakeTime();
  const clock = createMicrosecondClock(time);

  const readings = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const now = clock.nowMicroseconds();
    readings.add(now);
    ok(Number.isInteger(now));
    ok(Math.abs(now - time.trueMicroseconds) <= 50, `${now} is not ${time.trueMicroseconds}`);
  }
  equal(readings.size, 50);
});

Deno.test("nowMicroseconds() agrees with the wall clock after a pause at its first tick", () => {
  const time = new FakeTime();
  let readings = 0;
  const wallMs = () => {
    if (++readings === 3) time.pauseMicroseconds = 4_000;
    return time.wallMs();
  };
  const clock = createMicrosecondClock({ wallMs, monotonicMs: time.monotonicMs });
  const now = clock.nowMicroseconds();
  ok(Math.abs(now - time.trueMicroseconds) <= 150, `${now} is not ${time.trueMicroseconds}`);
});

Deno.test("nowMicroseconds() never goes back unless the wall clock is set", () => {
  fc.assert(fc.property(
    fc.array(fc.record({
      advanceMicroseconds: fc.integer({ min: 0, max: 100_000 }),
      pauseMicroseconds: fc.constantFrom(0, 0, 0, 4_000, 6_000, 40_000),
      wallErrorMs: fc.integer({ min: -2, max: 2 }),
    })),
    (steps) => {
      const time = new FakeTime();
      const clock = createMicrosecondClock(time);
      let last = clock.nowMicroseconds();
      for (const step of steps) {
        time.trueMicroseconds += step.advanceMicroseconds;
        time.pauseMicroseconds = step.pauseMicroseconds;
        time.wallErrorMs = step.wallErrorMs;
        const now = clock.nowMicroseconds();
        ok(now >= last, `${now} is before ${last}`);
        last = now;
      }
    },
  ));
});

Deno.test("nowMicroseconds() stays exact when the process is paused between its readings", () => {
  const time = new FakeTime();
  const clock = createMicrosecondClock(time);
  time.pauseMicroseconds = 250_000;
  clock.nowMicroseconds();

  const error = clock.nowMicroseconds() - time.trueMicroseconds;
  ok(Math.abs(error) <= 50, `it is off by ${error} µs`);
});

for (const setMs of [3_600_000, -3_600_000]) {
  Deno.test(`nowMicroseconds() follows a wall clock that was set by ${setMs} ms`, () => {
    const time = new FakeTime();
    const clock = createMicrosecondClock(time);
    const before = clock.nowMicroseconds();
    time.wallErrorMs = setMs;

    const movedMs = (clock.nowMicroseconds() - before) / 1_000;
    ok(Math.abs(movedMs - setMs) <= 1_000, `it moved by ${movedMs} ms`);
  });
}

Deno.test("toHrTime() and toMicroseconds() are each other's inverse", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (microseconds) => {
    const [seconds, nanoseconds] = toHrTime(microseconds);
    ok(nanoseconds >= 0 && nanoseconds < 1_000_000_000);
    equal(toMicroseconds([seconds, nanoseconds]), microseconds);
  }));
  deepEqual(toHrTime(1_700_000_000_123_456), [1_700_000_000, 123_456_000]);
  equal(toMicroseconds([1, 1_499]), 1_000_001);
  equal(toMicroseconds([1, 1_500]), 1_000_002);
});
