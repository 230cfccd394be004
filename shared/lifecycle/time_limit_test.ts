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

// The sanitizer of operations fails this test if the timer is left.
Deno.test("TimeLimit leaves no timer behind", () => {
  using _ = new TimeLimit(60_000);
});

Deno.test("waitAtMost() tells that what it waits for came in time, and leaves no timer", async () => {
  equal(await waitAtMost(60_000, Promise.resolve()), true);
});

Deno.test("waitAtMost() waits no longer than it may", async () => {
  equal(await waitAtMost(1, new Promise(() => {})), false);
});

Deno.test("waitAtMost() throws what it waits for throws", async () => {
  await rejects(waitAtMost(60_000, Promise.reject(new Error("no"))), /no/);
});
