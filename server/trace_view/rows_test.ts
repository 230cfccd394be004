import { deepEqual, equal } from "node:assert/strict";
import { layOutWaterfall } from "@playground/shared/waterfall";
import { EMAIL_TRACE, POLL_TRACE, SKEWED_TRACE } from "@playground/shared/testing";
import { firstAttempt, published, received, scheduled } from "../testing/email_spans.ts";
import { toTraceRows, traceRow } from "./rows.ts";

const SPANS = [...POLL_TRACE, ...EMAIL_TRACE];

Deno.test("toTraceRows() has the rows of the terminal's picture, in its order", () => {
  const rows = toTraceRows(SPANS);
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

Deno.test("toTraceRows() tells times from the start of the picture, and waits within them", () => {
  const publish = toTraceRows(EMAIL_TRACE).find(({ name }) => name === "amqp-publish");
  deepEqual(
    [publish?.fromUs, publish?.durationUs, publish?.wait],
    [4_000, 99_000, { fromUs: 10_000, toUs: 103_000 }],
  );
  deepEqual(publish?.services, ["message-server", "rabbitmq"]);
  deepEqual(publish?.kinds, ["PRODUCER", "CONSUMER"]);
});

Deno.test("toTraceRows() knows no duration of a span that is not finished", () => {
  const [first, ...rest] = EMAIL_TRACE;
  const { duration: _duration, ...unfinished } = first ?? scheduled();
  equal(toTraceRows([unfinished, ...rest])[0]?.durationUs, null);
});

Deno.test("toTraceRows() tells of each attempt's rows which attempt they belong to", () => {
  const rows = toTraceRows([
    ...firstAttempt("retried", { error: "451 later" }),
    published(2, { atMs: 140 }, "5s"),
    received(2, { atMs: 140, forMs: 5_010 }),
  ]);
  deepEqual(rows.map(({ name, attempt, error }) => [name, attempt, error]), [
    ["schedule-email", undefined, undefined],
    ["amqp-publish", undefined, undefined],
    ["emailer", 1, "451 later"],
    ["send-email", 1, "451 later"],
    ["amqp-retry", 1, undefined],
  ]);
});

Deno.test("toTraceRows() says of each row whose clock was corrected", () => {
  const correction = "the clock of back is 500 ms behind; corrected here";
  deepEqual(
    toTraceRows(SKEWED_TRACE).map((row) => [row.fromUs, row.durationUs, row.correction]),
    [[0, 100_000, correction], [20_000, 60_000, correction]],
  );
});
