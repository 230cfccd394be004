import { deepEqual, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  emailIdOf,
  firstAttempt,
  inTrace,
  ofEmail,
  published,
  scheduled,
  START_MS,
} from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { createRecentEmailsReader } from "./recent_emails.ts";

const NOW_MS = START_MS + 60_000;

/** Reads from a collector with these spans; returns when each found email was scheduled, and the questions. */
async function read(spans: readonly ZipkinSpan[], limit = 5, ...range: readonly number[]) {
  const { api, asked } = new FakeCollector(spans);
  const recent = createRecentEmailsReader(api, () => undefined, "message-server", () => NOW_MS);
  const result = await recent(limit, ...range);
  ok(result.status === "found");
  return {
    emails: result.emails,
    foundMs: result.emails.map(({ scheduledAt }) => Date.parse(scheduledAt) - START_MS),
    questions: asked.map(({ searchParams }) => Object.fromEntries(searchParams)),
  };
}

const traceIdOf = (number: number) => String(number).padStart(32, "a");
const ALL_MS = NOW_MS + 24 * 60 * 60 * 1_000 + 1;

Deno.test.each([
  ["all times, in one question", [], [30, 20, 10, 0], [ALL_MS, ALL_MS]],
  ["two times, both inclusive", [10, 20], [20, 10], [START_MS + 21, 11]],
  ["no time that Zipkin refuses", [-START_MS, -START_MS], [], [1, 1]],
  ["nothing if a range ends before it begins", [0, -1], [], undefined],
])("createRecentEmailsReader() searches %s", async (_what, range, found, question) => {
  const emails = [0, 10, 20, 30].map((atMs) => scheduled({ atMs: atMs + 0.5 })).flatMap((
    span,
    index,
  ) => inTrace(traceIdOf(index), [span]));
  const { foundMs, questions } = await read(emails, 5, ...range.map((ms) => START_MS + ms));
  deepEqual(foundMs, found);
  const [endTs, lookback] = question?.map(String) ?? [];
  const common = { serviceName: "message-server", spanName: "schedule-email", limit: "5" };
  deepEqual(questions, question === undefined ? [] : [{ ...common, endTs, lookback }]);
});

Deno.test("createRecentEmailsReader() lists each email of a trace, the newest first, and no more than it was asked for", async () => {
  const dead = ofEmail(1, firstAttempt("dead-lettered", { error: "550" }));
  const later = ofEmail(2, [scheduled({ atMs: 70 }), published(1, { atMs: 75 })]);
  for (const limit of [2, 1]) {
    const { emails } = await read([...dead, ...later], limit);
    deepEqual(
      emails.map(({ emailId, state }) => [emailId, state.name]),
      [[emailIdOf(2), "queued"], [emailIdOf(1), "dead-lettered"]].slice(0, limit),
    );
  }
});

Deno.test("createRecentEmailsReader() looks behind traces whose callers have clocks that are ahead", async () => {
  const trace = (index: number, callerMs: number) => {
    const traceId = traceIdOf(index);
    const caller = { traceId, id: "f".repeat(16), name: "job", timestamp: callerMs * 1_000 };
    return [caller, { ...scheduled({ atMs: index }), traceId, parentId: caller.id }];
  };
  const { foundMs, questions } = await read([
    ...[0, 1, 2, 3, 4].flatMap((index) => trace(index, NOW_MS + 3_600_000)),
    ...[9, 8, 7].flatMap((index) => trace(index, START_MS)),
  ]);
  deepEqual(foundMs, [9, 8, 7, 4, 3]);
  deepEqual(questions.map(({ limit }) => limit), ["5", "25"]);
});
