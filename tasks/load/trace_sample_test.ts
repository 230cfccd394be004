import { deepEqual, equal } from "node:assert/strict";
import { stopTime } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { TraceResult } from "@playground/tasks/clients/message-server";
import { acceptedEmail } from "./testing.ts";
import { readSample } from "./trace_sample.ts";

function span(name: string, timestamp: number, duration: number): ZipkinSpan {
  return { traceId: "a".repeat(32), id: "b".repeat(16), name, timestamp, duration };
}

const START = span("schedule-email", 1_000_000, 5_000);

async function read(
  count: number,
  readTrace: (traceId: string, call: number) => TraceResult,
  signal: AbortSignal = new AbortController().signal,
) {
  let calls = 0;
  using time = stopTime();
  const reading = readSample(
    { readTrace: (traceId) => Promise.resolve(readTrace(traceId, calls++)) },
    Array.from({ length: count }, (_, number) => acceptedEmail(number)),
    signal,
  );
  const figures = await time.passUntil(reading, 250);
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

Deno.test("readSample() neither waits for a dead letter nor counts a mail that claims to be it", async () => {
  const state = { name: "dead-lettered", reason: "550" } as const;
  const spans = [START, span("archive-email", 1_000_000, 7_000)];
  const { figures, calls } = await read(1, () => ({ status: "found", state, spans }));
  deepEqual([figures.archivedCount, calls], [0, 1]);
});

Deno.test("readSample() reports why traces cannot be read", async () => {
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
