import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, POLL_TRACE } from "@playground/shared/testing";
import { layOutWaterfall } from "./layout.ts";

const pollTraceId = POLL_TRACE[0]?.traceId ?? "";
const afterFailedPoll = [
  ...EMAIL_TRACE.map((span) =>
    span.name === "archive-email" ? { ...span, tags: { "poll.trace_id": pollTraceId } } : span
  ),
  ...POLL_TRACE,
  ...POLL_TRACE.map((span) => ({
    ...span,
    traceId: "f".repeat(32),
    timestamp: (span.timestamp ?? 0) - 700_000,
  })),
];
Deno.test.each([
  ["a wait until the poll starts", [...EMAIL_TRACE, ...POLL_TRACE], 1_200],
  ["a poll that failed before as a part of the wait", afterFailedPoll, 1_200],
  ["a wait throughout while the poll is not in the picture", EMAIL_TRACE, 1_400],
])("layOutWaterfall() shows %s", (_what, spans, waitEndMs) => {
  const { segments } = layOutWaterfall(spans).rows
    .find(({ row }) => row.name === "archive-email") ?? {};
  const expected = [["wait", 390, waitEndMs], ["child", waitEndMs, 1_400]];
  deepEqual(
    segments?.map(({ kind, fromUs, toUs }) => [kind, fromUs / 1_000, toUs / 1_000]),
    expected.filter(([, fromMs, toMs]) => fromMs !== toMs),
  );
});

Deno.test("layOutWaterfall() draws the gap before only one of two spans that follow it", () => {
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
