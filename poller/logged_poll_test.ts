import { deepEqual, equal, notEqual } from "node:assert/strict";
import { trace } from "@opentelemetry/api";
import { captureLog, startTestTracing, textOf } from "@playground/shared/testing/telemetry";
import { loggedPoll } from "./logged_poll.ts";
import type { PollResult } from "./poll.ts";
import { NOTHING_FOUND } from "./testing/fakes.ts";
import { tracedPoll } from "./traced_poll.ts";

const SUMMARY = "info: Archived 2 of 3 messages";

for (
  const { name, result, alsoWhenEmpty = false, expected } of [
    { name: "what was found", result: { foundCount: 3, storedCount: 2 }, expected: [SUMMARY] },
    {
      name: "each failure",
      result: { foundCount: 3, storedCount: 2, failures: ["one", "two"] },
      expected: [SUMMARY, "warning: one", "warning: two"],
    },
    {
      name: "that the inbox cannot be read",
      result: { failures: ["Mailtrap answered 500"] },
      expected: ["info: Archived 0 of 0 messages", "warning: Mailtrap answered 500"],
    },
    { name: "nothing, when it found nothing", result: {}, expected: [] },
    {
      name: "that it found nothing, when told to",
      result: {},
      alsoWhenEmpty: true,
      expected: ["info: Archived 0 of 0 messages"],
    },
  ] satisfies readonly {
    name: string;
    result: Partial<PollResult>;
    alsoWhenEmpty?: boolean;
    expected: readonly string[];
  }[]
) {
  Deno.test(`loggedPoll() logs in the poll's span ${name}`, async () => {
    await using log = await captureLog();
    await using test = startTestTracing();
    const done: PollResult = { ...NOTHING_FOUND, ...result };
    let spanId: string | undefined;
    const poll = loggedPoll(() => Promise.resolve(done), { alsoWhenEmpty });
    const traced = tracedPoll(() => {
      spanId = trace.getActiveSpan()?.spanContext().spanId;
      return poll();
    }, test.tracing);
    equal(await traced(), done);
    notEqual(spanId, undefined);
    deepEqual(log.records.map((record) => `${record.level}: ${textOf(record)}`), expected);
    deepEqual(log.spanIds, expected.map(() => spanId));
  });
}
