import { deepEqual, equal } from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import { stopTime } from "@playground/shared/testing";
import type { PollResult } from "./poll.ts";
import { type Cron, runSchedule } from "./schedule.ts";
import { NOTHING_FOUND } from "./testing/fakes.ts";

/** A schedule with a mocked clock and a manual cron. */
function startSchedule(
  intervalSeconds: number,
  poll: () => Promise<Partial<PollResult>> = () => Promise.resolve({}),
) {
  const time = stopTime();
  const stop = new AbortController();
  const pollTimes: number[] = [];
  let tick: () => Promise<void> = () => Promise.reject(new Error("nothing is scheduled"));
  let scheduledAs: unknown;
  let ticking: Promise<void> | undefined;
  const cron: Cron = (name, expression, { backoffSchedule, signal }, handler) => {
    scheduledAs = { name, expression, backoffSchedule };
    tick = handler;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve());
    return promise;
  };
  const schedule = runSchedule({
    poll: async () => {
      pollTimes.push(performance.now() / 1000);
      return { ...NOTHING_FOUND, ...await poll() };
    },
    intervalSeconds,
    cron,
    signal: stop.signal,
  });
  return {
    /** When polls began, in seconds. */
    pollTimes,
    scheduledAs: () => scheduledAs,
    /** Advances the clock, at most a second at once. */
    pass: async (seconds: number) => {
      for (let left = seconds; left > 0; left--) await time.pass(Math.min(left, 1) * 1_000);
    },
    /** Lets cron tick, and waits for its handler. */
    tick: () => ticking = tick(),
    stop: () => {
      stop.abort();
      return schedule;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await schedule;
      await ticking;
      time[Symbol.dispose]();
      mock.restoreAll();
    },
  };
}

Deno.test.each([
  ["*/1 * * * *", 5],
  ["*/1 * * * *", 60],
  ["*/2 * * * *", 120],
  ["*/10 * * * *", 600],
  ["0 * * * *", 3600],
])(
  "runSchedule() asks cron for %s with an interval of %s s",
  async (expression, intervalSeconds) => {
    await using schedule = startSchedule(intervalSeconds);
    deepEqual(schedule.scheduledAs(), { name: "poll-email", expression, backoffSchedule: [] });
  },
);

Deno.test("runSchedule() polls at once, at each interval, and at each from cron's tick on", async () => {
  await using schedule = startSchedule(20);
  await schedule.pass(50);
  deepEqual(schedule.pollTimes, [0, 20, 40]);
  schedule.tick();
  await schedule.pass(60);
  deepEqual(schedule.pollTimes, [0, 20, 40, 50, 70, 90, 110]);
  schedule.tick();
  await schedule.pass(50);
  deepEqual(schedule.pollTimes.slice(6), [110, 130, 150]);
});

Deno.test("runSchedule() takes a tick just after a poll began for that poll's own", async () => {
  await using schedule = startSchedule(20);
  await schedule.pass(20.5);
  schedule.tick();
  await schedule.pass(0.5);
  await schedule.pass(40);
  deepEqual(schedule.pollTimes, [0, 20, 40, 60]);
});

Deno.test("runSchedule() polls once for each tick when the interval is longer than a minute", async () => {
  await using schedule = startSchedule(120);
  await schedule.pass(30);
  await schedule.tick();
  await schedule.pass(120);
  await schedule.tick();
  deepEqual(schedule.pollTimes, [0, 30, 150]);
});

Deno.test.each([
  ["as cron ticks on", true],
  ["after cron has stopped", false],
])(
  "runSchedule() polls at the interval after a poll across a minute's border, %s",
  async (_how, isTicking) => {
    const slow = Promise.withResolvers<Partial<PollResult>>();
    await using schedule = startSchedule(
      5,
      () => schedule.pollTimes.at(-1) === 85 ? slow.promise : Promise.resolve({}),
    );
    await schedule.pass(30);
    schedule.tick();
    await schedule.pass(60);
    if (isTicking) schedule.tick();
    await schedule.pass(2);
    slow.resolve({});
    await schedule.pass(58);
    if (isTicking) schedule.tick();
    await schedule.pass(10);
    // The poll of 7 s began at 85 and ended at 92, after the border at 90.
    const later = Array.from({ length: 14 }, (_, index) => 95 + 5 * index);
    deepEqual(schedule.pollTimes.slice(17), [85, ...later]);
  },
);

Deno.test("runSchedule() never has two polls at once, and lets cron's handler wait for none", async () => {
  const slow = Promise.withResolvers<PollResult>();
  await using schedule = startSchedule(5, () => slow.promise);
  await schedule.pass(7);
  await schedule.tick();
  await schedule.pass(20);
  deepEqual(schedule.pollTimes, [0]);
  slow.resolve(NOTHING_FOUND);
  await schedule.pass(5);
  equal(schedule.pollTimes.length > 1, true);
});

Deno.test.each([0, -3_600_000, 3_600_000])(
  "runSchedule() leaves the API alone for as long as it asked, when the clock jumps by %s ms",
  async (jumpMs) => {
    let pauseMs = 12_000;
    const wallClock = mock.method(Date, "now", () => 1_800_000_000_000);
    await using schedule = startSchedule(5, () => {
      const result = { pauseMs };
      pauseMs = 0;
      wallClock.mock.mockImplementation(() => 1_800_000_000_000 + jumpMs);
      return Promise.resolve(result);
    });
    await schedule.pass(21);
    deepEqual(schedule.pollTimes, [0, 15, 20]);
  },
);

Deno.test("runSchedule() goes on after a poll that threw", async () => {
  await using schedule = startSchedule(5, () => Promise.reject(new TypeError("a bug")));
  await schedule.pass(6);
  deepEqual(schedule.pollTimes, [0, 5]);
});

Deno.test("runSchedule() ends at the signal within cron's minute, and polls no more", async () => {
  await using schedule = startSchedule(5);
  await schedule.pass(1);
  const ticking = schedule.tick();
  await schedule.pass(6);
  await schedule.stop();
  await ticking;
  await schedule.pass(60);
  deepEqual(schedule.pollTimes, [0, 1, 6]);
});

Deno.test("runSchedule() waits for a poll under way when it ends", async () => {
  const slow = Promise.withResolvers<PollResult>();
  await using schedule = startSchedule(5, () => slow.promise);
  await schedule.pass(1);
  let ended = false;
  const ending = schedule.stop().then(() => ended = true);
  await setImmediate();
  equal(ended, false);
  slow.resolve(NOTHING_FOUND);
  await ending;
});
