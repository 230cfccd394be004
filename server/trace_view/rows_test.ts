import { deepEqual, equal } from "node:assert/strict";
import { layOutWaterfall, type PictureFacts } from "@playground/shared/waterfall";
import {
  EMAIL_TRACE,
  EXAMPLE_START_US,
  POLL_TRACE,
  SKEWED_TRACE,
} from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { scheduled } from "../testing/email_spans.ts";
import { picture, toPicture } from "./picture.ts";
import { toTraceRows, traceRow } from "./rows.ts";

const SPANS = [...POLL_TRACE, ...EMAIL_TRACE];
const LATER: PictureFacts = { nowUs: EXAMPLE_START_US + 60_000_000 };

const rowsOf = (spans: readonly ZipkinSpan[]) => toTraceRows(layOutWaterfall(spans), LATER);

Deno.test("toTraceRows() has the rows of the terminal's picture, in its order", () => {
  const rows = rowsOf(SPANS);
  deepEqual(
    rows.map(({ name, depth }) => [name, depth]),
    layOutWaterfall(SPANS).rows.map(({ row, depth }) => [row.name, depth]),
  );
  deepEqual(rows.map((row) => traceRow.parse(row)), rows);
  equal(new Set(rows.map(({ key }) => key)).size, rows.length);
  deepEqual(
    [...new Set(rows.map(({ traceId }) => traceId))],
    [EMAIL_TRACE[0]?.traceId, POLL_TRACE[0]?.traceId],
  );
});

Deno.test("toTraceRows() has times from the start of the picture, and waits within them", () => {
  const publish = rowsOf(EMAIL_TRACE).find(({ name }) => name === "amqp-publish");
  deepEqual(
    [publish?.fromUs, publish?.durationUs, publish?.ownUs, publish?.wait, publish?.segments],
    [
      4_000,
      99_000,
      6_000,
      { fromUs: 10_000, toUs: 103_000, place: "rabbitmq", text: "waits 93 ms" },
      [
        { kind: "own", fromUs: 4_000, toUs: 10_000 },
        { kind: "wait", fromUs: 10_000, toUs: 103_000 },
      ],
    ],
  );
  deepEqual(publish?.services, ["message-server", "rabbitmq"]);
  deepEqual(publish?.kinds, ["PRODUCER", "CONSUMER"]);
  const archiving = rowsOf(SPANS).find(({ name }) => name === "archive-email");
  deepEqual([archiving?.wait?.place, archiving?.wait?.text], [
    "mailtrap",
    "waits 810 ms for the next poll",
  ]);
});

Deno.test("toTraceRows() has no duration for an unfinished span", () => {
  const [first, ...rest] = EMAIL_TRACE;
  const { duration: _duration, ...unfinished } = first ?? scheduled();
  equal(rowsOf([unfinished, ...rest])[0]?.durationUs, null);
});

Deno.test("toTraceRows() says of each row whose clock was corrected, and whose parent is missing", () => {
  const correction = "the clock of back is 500 ms behind; corrected here";
  deepEqual(
    rowsOf(SKEWED_TRACE).map((row) => [row.fromUs, row.durationUs, row.correction]),
    [[0, 100_000, correction], [20_000, 60_000, correction]],
  );
  const [orphan, child] = rowsOf(EMAIL_TRACE.slice(3, 5));
  equal(orphan?.missingParent?.startsWith("The parent of emailer, amqp-publish, never"), true);
  equal(child?.missingParent, undefined);
});

Deno.test("toTraceRows() shows a span's log records with their levels", () => {
  const [first] = EMAIL_TRACE;
  const annotations = ["WARNING It is late\nreally", "by others"].map((value, index) => ({
    timestamp: EXAMPLE_START_US + index,
    value,
  }));
  deepEqual(first && rowsOf([{ ...first, annotations }])[0]?.logs, [
    { atUs: 0, level: "warning", text: "It is late\nreally" },
    { atUs: 1, level: undefined, text: "by others" },
  ]);
});

Deno.test("toPicture() has both axes, the critical path and the time shares", () => {
  const told = toPicture(layOutWaterfall(SPANS));
  deepEqual(picture.parse(told), told);
  deepEqual(told.compressedAxis?.cuts, [{ fromUs: 400_000, toUs: 1_200_000, label: "800 ms" }]);
  deepEqual(told.trueAxis.points, [[0, 0], [1_440_000, 1]]);
  const keys = new Set(rowsOf(SPANS).map(({ key }) => key));
  equal(told.criticalPath.every(({ rowKey }) => keys.has(rowKey)), true);
  equal(told.timeSpent[0]?.what, "waits for the next poll");
  const { narrow, wide } = told.trueAxis.ticksUs;
  equal(narrow.length < wide.length, true);
  // Without waits, there is one axis.
  equal(toPicture(layOutWaterfall(EMAIL_TRACE.slice(0, 2))).compressedAxis, undefined);
});
