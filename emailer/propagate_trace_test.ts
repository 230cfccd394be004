import { deepEqual } from "node:assert/strict";
import { EXAMPLE_DOCUMENT } from "@playground/shared/testing";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import type { MailFacts } from "./mail.ts";
import { propagatingComposer } from "./propagate_trace.ts";

Deno.test("propagatingComposer() hands over the trace and the time", async () => {
  await using test = startTestTracing();
  const facts = {
    document: EXAMPLE_DOCUMENT,
    emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
    messageId: "<id@example.com>",
    date: new Date(0),
  };
  const composed: MailFacts[] = [];
  const compose = propagatingComposer((given) => {
    composed.push(given);
    return { envelope: { from: "", to: [] }, raw: new Uint8Array() };
  }, { nowMicroseconds: () => 1_795_523_696_123_456 });
  await test.tracing.inSpan("emailer", {}, () => compose(facts));
  const { traceId, spanId } = test.exporter.getSpan("emailer").spanContext();
  const headers = { "X-B3-TraceId": traceId, "X-B3-SpanId": spanId, "X-B3-Sampled": "1" };
  deepEqual(composed, [
    { ...facts, trace: { headers, sentAtMicroseconds: 1_795_523_696_123_456 } },
  ]);
});
