import { deepEqual, equal, notEqual, rejects } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import type { PollResult } from "./poll.ts";
import { NOTHING_FOUND } from "./testing/fakes.ts";
import { tracedPoll } from "./traced_poll.ts";

/** Polls once within another span; the poll records spans with these names. Returns what was reported. */
async function poll(result: Partial<PollResult>, steps: readonly string[] = []) {
  await using test = startTestTracing({ serviceName: "mail-poller" });
  const expected = { ...NOTHING_FOUND, ...result };
  const traced = tracedPoll(() => {
    for (const name of steps) {
      const incidental = name === "fetch-inbox";
      test.tracing.record(name, { startMicroseconds: test.tracing.nowMicroseconds(), incidental });
    }
    return Promise.resolve(expected);
  }, test.tracing);
  equal(await test.tracing.inSpan("outside", {}, traced), expected);
  return test.exporter;
}

Deno.test("tracedPoll() shows a poll as a trace of its own", async () => {
  const exporter = await poll({ foundCount: 3, storedCount: 2 }, ["fetch-inbox", "fetch-message"]);
  const { traceId, id, parentId, kind, tags } = exporter.getZipkinSpan("poll-email");
  equal(parentId, undefined);
  equal(kind, undefined);
  notEqual(traceId, exporter.getSpan("outside").spanContext().traceId);
  for (const step of ["fetch-inbox", "fetch-message"]) {
    equal(exporter.getZipkinSpan(step).traceId, traceId);
    equal(exporter.getZipkinSpan(step).parentId, id);
  }
  deepEqual(tags, {
    "span.kind": "periodic",
    "message_count": "3",
    "stored_count": "2",
    "failed_count": "0",
  });
});

for (
  const [what, result, steps] of [
    ["that found nothing", {}, []],
    ["of mails that are not sampled", { foundCount: 3, storedCount: 3 }, ["fetch-inbox"]],
  ] as const
) {
  Deno.test(`tracedPoll() shows nothing of a poll ${what}`, async () => {
    deepEqual((await poll(result, steps)).spans.map(({ name }) => name), ["outside"]);
  });
}

for (
  const [failures, error] of [
    [["Mailtrap answered 500"], "Mailtrap answered 500"],
    [["one", "two", "three"], "one; and 2 more"],
  ] as const
) {
  Deno.test(`tracedPoll() shows a poll with ${failures.length} failures as an error`, async () => {
    const { tags } = (await poll({ failures })).getZipkinSpan("poll-email");
    equal(tags?.["error"], error);
    equal(tags?.["failed_count"], String(failures.length));
  });
}

Deno.test("tracedPoll() shows a bug as an error and lets it through", async () => {
  await using test = startTestTracing();
  const traced = tracedPoll(() => Promise.reject(new TypeError("a bug")), test.tracing);
  await rejects(traced, TypeError);
  equal(test.exporter.getZipkinSpan("poll-email").tags?.["error"], "a bug");
});
