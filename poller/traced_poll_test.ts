import { deepEqual } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { assertTrace } from "@playground/shared/trace-assertion";
import { NOTHING_FOUND } from "./testing/fakes.ts";
import { tracedPoll } from "./traced_poll.ts";

async function spansOf(failures: readonly string[]) {
  await using test = startTestTracing();
  await tracedPoll(() => Promise.resolve({ ...NOTHING_FOUND, failures }), test.tracing)();
  return test.exporter.zipkinSpans;
}

Deno.test("tracedPoll() shows nothing of a poll that found nothing", async () => {
  deepEqual(await spansOf([]), []);
});

for (
  const [failures, error] of [
    [["Mailtrap answered 500"], "Mailtrap answered 500"],
    [["one", "two", "three"], "one; and 2 more"],
  ] as const
) {
  Deno.test(`tracedPoll() shows a poll with ${failures.length} failures as an error`, async () => {
    const tags = { failed_count: String(failures.length) };
    assertTrace(await spansOf(failures), [{ name: "poll-email", error, tags }]);
  });
}
