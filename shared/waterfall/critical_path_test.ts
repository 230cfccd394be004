import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { EMAIL_TRACE, EXAMPLE_START_US, POLL_TRACE } from "@playground/shared/testing";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { layOutWaterfall } from "./layout.ts";

/** A span of a trace, by milliseconds; its name is its id. */
const span = (id: string, fromMs: number, toMs: number, parentId?: string): ZipkinSpan => ({
  traceId: "a",
  id,
  name: id,
  timestamp: EXAMPLE_START_US + fromMs * 1_000,
  duration: (toMs - fromMs) * 1_000,
  parentId,
});

/** The critical path by name and milliseconds. */
function pathOf(spans: readonly ZipkinSpan[]) {
  const { rows, criticalPath } = layOutWaterfall(spans);
  return criticalPath.map(({ index, fromUs, toUs }) => [
    rows[index]?.row.name,
    fromUs / 1_000,
    toUs / 1_000,
  ]);
}

Deno.test.each([
  ["goes through one child after the other, and through what their parent does between", [
    span("get", 0, 100),
    span("first", 10, 40, "get"),
    span("second", 50, 90, "get"),
  ], [
    ["get", 0, 10],
    ["first", 10, 40],
    ["get", 40, 50],
    ["second", 50, 90],
    ["get", 90, 100],
  ]],
  ["goes through the last of children that work at once", [
    span("get", 0, 100),
    span("short", 10, 40, "get"),
    span("long", 10, 90, "get"),
  ], [["get", 0, 10], ["long", 10, 90], ["get", 90, 100]]],
  ["goes through what a span left to be done, not through its end", [
    span("post", 0, 30),
    span("job", 20, 80, "post"),
  ], [["post", 0, 20], ["job", 20, 80]]],
  ["leaves a gap where nothing was recorded", [
    span("one", 0, 10),
    span("stranger", 5, 8),
    span("two", 50, 60),
  ], [["one", 0, 10], ["two", 50, 60]]],
  ["ends with the archiving, which it follows into the poll", [...EMAIL_TRACE, ...POLL_TRACE], [
    ["schedule-email", 0, 4],
    ["amqp-publish", 4, 103],
    ["emailer", 103, 110],
    ["send-email", 110, 390],
    ["archive-email", 390, 1_200],
    ["poll-email", 1_200, 1_201],
    ["fetch-inbox", 1_201, 1_261],
    ["poll-email", 1_261, 1_265],
    ["fetch-message", 1_265, 1_340],
    ["poll-email", 1_340, 1_345],
    ["store-message", 1_345, 1_395],
    ["poll-email", 1_395, 1_400],
  ]],
  ["enters a poll that was under way when the email came in where the email's wait ended", [
    span("send-email", 0, 50),
    { ...span("archive-email", 50, 100, "send-email"), localEndpoint: { serviceName: "poller" } },
    ...[
      span("poll-email", 10, 110),
      span("fetch-inbox", 10, 60, "poll-email"),
      span("fetch-message", 70, 90, "poll-email"),
    ]
      .map((span) => ({ ...span, traceId: "b", localEndpoint: { serviceName: "poller" } })),
  ], [
    ["send-email", 0, 50],
    ["archive-email", 50, 70],
    ["fetch-message", 70, 90],
    ["poll-email", 90, 100],
  ]],
  ["is none where no span has a time", [{ traceId: "a", id: "1" }], []],
])("criticalPath %s", (_what, spans, path) => deepEqual(pathOf(spans), path));

Deno.test("criticalPath has steps in order, each within its row, whatever the spans are", () => {
  const time = fc.option(fc.nat(1_000), { nil: undefined });
  const spans = fc.array(fc.record({
    traceId: fc.constantFrom("a", "b"),
    id: fc.constantFrom("1", "2", "3", "4", "5"),
    parentId: fc.constantFrom("1", "2", "3", "4", "5"),
    name: fc.constantFrom("work", "archive-email"),
    timestamp: time,
    duration: time,
    localEndpoint: fc.constantFrom({ serviceName: "x" }, { serviceName: "y" }),
  }, { requiredKeys: ["traceId", "id"] }));
  fc.assert(
    fc.property(spans, (spans) => {
      const { rows, criticalPath, totalUs } = layOutWaterfall(spans as readonly ZipkinSpan[]);
      let reachedUs = 0;
      for (const { index, fromUs, toUs } of criticalPath) {
        const { offsetUs = NaN, row } = rows[index] ?? {};
        const length = (row?.interval?.toUs ?? NaN) - (row?.interval?.fromUs ?? NaN);
        ok(fromUs >= reachedUs && fromUs < toUs && toUs <= totalUs);
        ok(fromUs >= offsetUs && toUs <= offsetUs + length);
        reachedUs = toUs;
      }
    }),
    { numRuns: 1_000 },
  );
});
