import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { TraceResult } from "@playground/tasks/clients/message-server";
import { acceptedEmail, FakeClock } from "./testing.ts";
import { archivedAfterMs, readSample } from "./trace_sample.ts";

function span(name: string, timestamp: number, duration: number, error?: string): ZipkinSpan {
  const tags = error === undefined ? {} : { tags: { error } };
  return { traceId: "a".repeat(32), id: "b".repeat(16), name, timestamp, duration, ...tags };
}

const START = span("schedule-email", 1_000_000, 5_000);

for (
  const [what, spans, durationMs] of [
    ["from the request to the end of the archiving", [
      span("archive-email", 1_100_000, 150_000),
      START,
    ], 250],
    ["of a mail that was stored in the same trace", [
      START,
      span("store-message", 1_100_000, 50_000),
    ], 150],
    ["of an email that was not archived", [START], undefined],
    ["of one whose archiving failed", [
      START,
      span("store-message", 1_100_000, 50_000, "down"),
    ], undefined],
    ["without a first span", [span("archive-email", 1_100_000, 150_000)], undefined],
    ["without any span", [], undefined],
  ] as const
) {
  Deno.test(`archivedAfterMs() is ${durationMs} ms ${what}`, () => {
    equal(archivedAfterMs(spans), durationMs);
  });
}

async function read(
  count: number,
  readTrace: (traceId: string, call: number) => TraceResult,
  signal: AbortSignal = new AbortController().signal,
) {
  const clock = new FakeClock();
  let calls = 0;
  const figures = await readSample({
    client: { readTrace: (traceId) => Promise.resolve(readTrace(traceId, calls++)) },
    emails: Array.from({ length: count }, (_, number) => acceptedEmail(number)),
    signal,
    clock,
  });
  return { figures, calls };
}

const archivedAfter = (durationMs: number): TraceResult => ({
  status: "found",
  state: { name: "archived" },
  spans: [START, span("archive-email", 1_000_000, durationMs * 1000)],
});

Deno.test("readSample() reads each trace and names the slowest", async () => {
  const { figures, calls } = await read(20, (traceId) => archivedAfter(Number(traceId) + 1));
  equal(calls, 20);
  equal(figures.archivedCount, 20);
  equal(figures.archivedTimes?.max, 20);
  deepEqual(figures.slowest.map(({ durationMs }) => durationMs), [20, 19, 18, 17, 16]);
  equal(figures.slowest[0]?.traceUrl, acceptedEmail(19).traceUrl);
});

Deno.test("readSample() waits for late spans, for a while", async () => {
  const late = await read(1, (_, call) => call < 3 ? { status: "unknown" } : archivedAfter(7));
  equal(late.figures.archivedCount, 1);
  const never = await read(1, () => ({ status: "unknown" }));
  equal(never.figures.archivedTimes, undefined);
  equal(never.calls > 5 && never.calls < 20, true);
});

Deno.test("readSample() neither waits for a dead letter nor believes a mail that claims to be it", async () => {
  const state = { name: "dead-lettered", reason: "550" } as const;
  const spans = [START, span("archive-email", 1_000_000, 7_000)];
  const { figures, calls } = await read(1, () => ({ status: "found", state, spans }));
  deepEqual([figures.archivedCount, calls], [0, 1]);
});

Deno.test("readSample() tells why traces cannot be read", async () => {
  const { figures, calls } = await read(3, () => ({
    status: "unavailable",
    reason: "no collector",
    forGood: true,
  }));
  deepEqual([figures.problem, calls], ["no collector", 3]);
});

Deno.test("readSample() waits for nothing after an abort", async () => {
  equal((await read(1, () => ({ status: "unknown" }), AbortSignal.abort())).calls, 1);
});
