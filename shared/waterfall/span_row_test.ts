import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, EXAMPLE_START_US } from "@playground/shared/testing";
import { toSpanRows } from "./span_row.ts";

Deno.test("toSpanRows() merges the halves of a span, the sending side first", () => {
  const row = toSpanRows(EMAIL_TRACE.toReversed()).find(({ name }) => name === "amqp-publish");
  deepEqual(row, {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "8dc810654b39fa50",
    parentId: "d3a4c80eb70ff124",
    name: "amqp-publish",
    services: ["message-server", "rabbitmq"],
    kinds: ["PRODUCER", "CONSUMER"],
    interval: { fromUs: EXAMPLE_START_US + 4_000, toUs: EXAMPLE_START_US + 103_000 },
    isFinished: true,
    wait: {
      fromUs: EXAMPLE_START_US + 10_000,
      toUs: EXAMPLE_START_US + 103_000,
      place: "rabbitmq",
    },
    error: undefined,
    correction: undefined,
    annotations: [],
    tags: { "amqp.exchange": "rpc", "amqp.routing_key": "send.email" },
  });
});

Deno.test("toSpanRows() orders rows by start, those without one last", () => {
  const rows = toSpanRows([
    { traceId: "a", id: "1", name: "timeless" },
    { traceId: "a", id: "2", name: "second", timestamp: 20 },
    { traceId: "a", id: "3", name: "first", timestamp: 10 },
  ]);
  deepEqual(rows.map(({ name }) => name), ["first", "second", "timeless"]);
});

Deno.test("toSpanRows() keeps spans of two traces with one id apart", () => {
  equal(toSpanRows([{ traceId: "a", id: "1" }, { traceId: "b", id: "1" }]).length, 2);
});

Deno.test("toSpanRows() takes a consumer span with an id of its own for work, not for a wait", () => {
  const [row] = toSpanRows([
    { traceId: "a", id: "1", kind: "CONSUMER", timestamp: 10, duration: 5 },
  ]);
  equal(row?.wait, undefined);
});

Deno.test("toSpanRows() always gives a failed span a reason", () => {
  const errorOf = (...errors: readonly string[]) =>
    toSpanRows(errors.map((error) => ({ traceId: "a", id: "1", tags: { error } })))[0]?.error;
  equal(errorOf(""), "no reason given");
  equal(errorOf("timeout", "timeout"), "timeout");
  equal(errorOf("nacked", "timeout"), "nacked; timeout");
});
