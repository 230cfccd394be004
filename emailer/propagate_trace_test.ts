import { deepEqual } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import type { MailFacts } from "./mail.ts";
import { propagatingComposer } from "./propagate_trace.ts";
import { EMAIL } from "./testing/example_email.ts";

Deno.test("propagatingComposer() hands over the trace and the time", async () => {
  await using test = startTestTracing();
  const composed: MailFacts[] = [];
  const compose = propagatingComposer((given) => {
    composed.push(given);
    return { envelope: { from: "", to: [] }, raw: new Uint8Array() };
  }, { nowMicroseconds: () => 1_795_523_696_123_456 });
  await test.tracing.inSpan("emailer", {}, () => compose(EMAIL));
  const { traceId, spanId } = test.exporter.getSpan("emailer").spanContext();
  const headers = { "X-B3-TraceId": traceId, "X-B3-SpanId": spanId, "X-B3-Sampled": "1" };
  deepEqual(composed, [
    { ...EMAIL, trace: { headers, sentAtMicroseconds: 1_795_523_696_123_456 } },
  ]);
});
