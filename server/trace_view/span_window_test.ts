import { deepEqual, equal } from "node:assert/strict";
import { SpanWindow } from "./span_window.ts";

const span = (timestamp: number) => ({ traceId: "1", id: String(timestamp), timestamp });

Deno.test("SpanWindow keeps all spans in their order while they are not too many", () => {
  const window = new SpanWindow(4);
  const spans = [3, 1, 2, 4].map(span);
  for (const each of spans) window.add(each);
  deepEqual(window.spans, spans);
  equal(window.omittedCount, 0);
});

Deno.test("SpanWindow keeps the earliest and the latest of many, and counts the others", () => {
  const window = new SpanWindow(4);
  // Each of 0 to 100 once, in no order.
  for (let index = 0; index <= 100; index++) window.add(span(index * 37 % 101));
  deepEqual(window.spans.map(({ timestamp }) => timestamp), [0, 1, 99, 100]);
  equal(window.omittedCount, 97);
});
