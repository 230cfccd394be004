import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, EXAMPLE_START_US, POLL_TRACE } from "@playground/shared/testing";
import { layOutWaterfall, type Waterfall } from "./layout.ts";

function segmentsOf({ rows }: Waterfall, name: string) {
  const row = rows.find((candidate) => candidate.row.name === name);
  return row?.segments.map(({ kind, fromUs, toUs }) => [kind, fromUs / 1_000, toUs / 1_000]);
}

Deno.test("layOutWaterfall() puts two traces on one time axis, in order of time", () => {
  const waterfall = layOutWaterfall([...POLL_TRACE, ...EMAIL_TRACE]);
  equal(waterfall.startUs, EXAMPLE_START_US);
  equal(waterfall.totalUs, 1_440_000);
  equal(waterfall.isComplete, true);
  deepEqual(waterfall.rows.map(({ row }) => row.name), [
    "schedule-email",
    "amqp-publish",
    "emailer",
    "send-email",
    "archive-email",
    "poll-email",
    "fetch-inbox",
    "fetch-message",
    "store-message",
    "delete-message",
  ]);
});

Deno.test("layOutWaterfall() shows the time in the queue as a wait", () => {
  deepEqual(segmentsOf(layOutWaterfall(EMAIL_TRACE), "amqp-publish"), [
    ["work", 4, 10],
    ["wait", 10, 103],
  ]);
});

Deno.test("layOutWaterfall() shows archive-email as a wait until the poll starts", () => {
  deepEqual(segmentsOf(layOutWaterfall([...EMAIL_TRACE, ...POLL_TRACE]), "archive-email"), [
    ["wait", 390, 1_200],
    ["work", 1_200, 1_400],
  ]);
});

Deno.test("layOutWaterfall() counts a poll that failed before as a part of the wait", () => {
  const pollTraceId = POLL_TRACE[0]?.traceId ?? "";
  const emailTrace = EMAIL_TRACE.map((span) =>
    span.name === "archive-email" ? { ...span, tags: { "poll.trace_id": pollTraceId } } : span
  );
  const failedPoll = POLL_TRACE.map((span) => ({
    ...span,
    traceId: "f".repeat(32),
    timestamp: (span.timestamp ?? 0) - 700_000,
  }));
  const waterfall = layOutWaterfall([...emailTrace, ...POLL_TRACE, ...failedPoll]);
  deepEqual(segmentsOf(waterfall, "archive-email"), [
    ["wait", 390, 1_200],
    ["work", 1_200, 1_400],
  ]);
});

Deno.test("layOutWaterfall() shows archive-email as a wait throughout while the poll is not in the picture", () => {
  deepEqual(segmentsOf(layOutWaterfall(EMAIL_TRACE), "archive-email"), [["wait", 390, 1_400]]);
});

Deno.test("layOutWaterfall() leads from the last activity to the span that follows a gap", () => {
  const unarchived = EMAIL_TRACE.filter(({ name }) => name !== "archive-email");
  deepEqual(segmentsOf(layOutWaterfall([...unarchived, ...POLL_TRACE]), "poll-email"), [
    ["idle", 400, 1_200],
    ["work", 1_200, 1_440],
  ]);
});

Deno.test("layOutWaterfall() leads to one span only when two follow a gap together", () => {
  const { rows } = layOutWaterfall([
    { traceId: "a", id: "1", timestamp: 10, duration: 5 },
    { traceId: "a", id: "2", timestamp: 30, duration: 9 },
    { traceId: "a", id: "3", timestamp: 30, duration: 4 },
  ]);
  const idle = rows.flatMap(({ segments }) => segments.filter(({ kind }) => kind === "idle"));
  deepEqual(idle, [{ kind: "idle", fromUs: 5, toUs: 20 }]);
});

Deno.test("layOutWaterfall() calls a picture with a missing parent or duration incomplete", () => {
  equal(layOutWaterfall(EMAIL_TRACE.slice(1)).isComplete, false);
  equal(layOutWaterfall([{ traceId: "a", id: "1", timestamp: 10 }]).isComplete, false);
});

Deno.test("layOutWaterfall() gives spans without a timestamp a row without a bar", () => {
  const { rows, totalUs } = layOutWaterfall([{ traceId: "a", id: "1" }]);
  deepEqual(rows.map(({ segments, offsetUs }) => [segments, offsetUs]), [[[], undefined]]);
  equal(totalUs, 0);
});
