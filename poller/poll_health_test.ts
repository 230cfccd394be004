import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { PollResult } from "./poll.ts";
import { PollHealth } from "./poll_health.ts";

/** The readiness after a poll with this result. */
async function readinessAfter(...results: readonly Partial<PollResult>[]) {
  const health = new PollHealth();
  for (const result of results) {
    const whole = { foundCount: 0, storedCount: 0, failures: [], pauseMs: 0, ...result };
    equal(await health.watch(() => Promise.resolve(whole))(), whole);
  }
  return health.readiness;
}

Deno.test("PollHealth is not ready before the first poll", async () => {
  deepEqual(await readinessAfter(), { ready: false, reason: "The inbox was not polled yet" });
});

Deno.test("PollHealth is ready after a poll that found nothing", async () => {
  deepEqual(await readinessAfter({}), { ready: true });
});

Deno.test("PollHealth is ready when some messages failed and others did not", async () => {
  deepEqual(await readinessAfter({ foundCount: 2, storedCount: 1, failures: ["x"] }), {
    ready: true,
  });
});

Deno.test("PollHealth is not ready when nothing succeeded, and says why", async () => {
  deepEqual(await readinessAfter({ failures: ["MongoDB is down", "y"] }), {
    ready: false,
    reason: "MongoDB is down",
  });
});

Deno.test("PollHealth is ready again after a poll that succeeded", async () => {
  deepEqual(await readinessAfter({ failures: ["x"] }, {}), { ready: true });
});

Deno.test("PollHealth is not ready when the poll threw, and lets it through", async () => {
  const health = new PollHealth();
  await rejects(health.watch(() => Promise.reject(new TypeError("a bug"))), TypeError);
  const { readiness } = health;
  ok(!readiness.ready);
  match(readiness.reason, /a bug/);
});
