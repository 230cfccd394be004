import { equal } from "node:assert/strict";
import { TimeLimit } from "./time_limit.ts";

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
