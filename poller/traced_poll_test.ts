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

Deno.test.each([
  ["Mailtrap answered 500", ["Mailtrap answered 500"]],
  ["one; and 2 more", ["one", "two", "three"]],
])("tracedPoll() shows a poll with failures as an error: %s", async (error, failures) => {
  const tags = { failed_count: String(failures.length) };
  assertTrace(await spansOf(failures), [{ name: "poll-email", error, tags }]);
});
