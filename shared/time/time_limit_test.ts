import { equal, rejects } from "node:assert/strict";
import { TimeLimit, waitAtMost } from "./time_limit.ts";

Deno.test("TimeLimit aborts its signal when the time is over", async () => {
  using timeLimit = new TimeLimit(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  timeLimit.signal.addEventListener("abort", () => resolve());
  equal(timeLimit.signal.aborted, false);
  await promise;
  equal(timeLimit.signal.reason.name, "TimeoutError");
});

Deno.test("waitAtMost() reports success in time, and leaves no timer", async () => {
  equal(await waitAtMost(60_000, Promise.resolve()), true);
});

Deno.test("waitAtMost() waits only up to its limit", async () => {
  equal(await waitAtMost(1, new Promise(() => {})), false);
});

Deno.test("waitAtMost() rethrows", async () => {
  await rejects(waitAtMost(60_000, Promise.reject(new Error("no"))), /no/);
});

Deno.test("TimeLimit aborts its signal with the outer one, for the same reason", () => {
  const outer = new AbortController();
  using timeLimit = new TimeLimit(60_000, outer.signal);
  equal(timeLimit.signal.aborted, false);
  outer.abort("called off");
  equal(timeLimit.signal.reason, "called off");
  using late = new TimeLimit(60_000, outer.signal);
  equal(late.signal.reason, "called off");
});

// The sanitizer of operations fails this test if the timer is left.
Deno.test("TimeLimit does not abort its signal once it has ended, and leaves no timer", () => {
  const outer = new AbortController();
  const timeLimit = new TimeLimit(60_000, outer.signal);
  timeLimit[Symbol.dispose]();
  outer.abort();
  equal(timeLimit.signal.aborted, false);
});
