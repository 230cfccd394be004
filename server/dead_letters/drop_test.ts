import { deepEqual, equal } from "node:assert/strict";
import { fetchedMessage } from "@playground/shared/testing";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { drop } from "./drop.ts";

Deno.test("drop() removes a dead letter in a span below the one that gave the email up", async () => {
  await using test = startTestTracing();
  const [traceId, spanId] = ["a".repeat(32), "b".repeat(16)];
  const message = fetchedMessage({ headers: { "X-B3-TraceId": traceId, "X-B3-SpanId": spanId } });
  const removed: unknown[] = [];
  await drop(message, (dropped) => removed.push(dropped), test.tracing);
  deepEqual(removed, [message]);
  const span = test.exporter.getSpan("drop-dead-letter");
  equal(span.spanContext().traceId, traceId);
  equal(span.parentSpanContext?.spanId, spanId);
});
