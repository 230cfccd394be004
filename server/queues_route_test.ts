import { deepEqual, match } from "node:assert/strict";
import { stopTime } from "@playground/shared/testing";
import { createQueueReader } from "./queues_route.ts";
import { problemOf, startTestApp } from "./testing/test_app.ts";

Deno.test("GET /api/queues counts the waiting emails, in all and by queue", async () => {
  const lengths = new Map([["send-email", 3], ["send-email.retry.5s", 2], ["send-email.dead", 1]]);
  await using app = startTestApp({
    readQueues: createQueueReader({ read: () => Promise.resolve(lengths) }),
  });
  deepEqual(await (await app.request("/api/queues")).json(), {
    queues: [
      { name: "send-email", messageCount: 3 },
      { name: "send-email.retry.5s", messageCount: 2 },
      { name: "send-email.dead", messageCount: 1 },
    ],
    deadLetterCount: 1,
    retryCount: 2,
  });
});

Deno.test("GET /api/queues says why the broker does not answer", async () => {
  for (
    const [read, reason] of [
      [() => Promise.reject(new Error("the connection is closed")), /the connection is closed/],
      [() => Promise.withResolvers<never>().promise, /no answer within 2000 ms/],
    ] as const
  ) {
    await using app = startTestApp({ readQueues: createQueueReader({ read }) });
    using time = stopTime();
    const response = await time.passUntil(app.request("/api/queues"), 1_000);
    match((await problemOf(response, 503)).detail, reason);
  }
});
