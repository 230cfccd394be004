import { deepEqual } from "node:assert/strict";
import type { Publication } from "@playground/shared/amqp";
import { EXAMPLE_DOCUMENT } from "@playground/shared/testing";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import type { MailFacts } from "./mail.ts";
import { propagatingComposer, propagatingPublisher } from "./propagate_trace.ts";

const FACTS: MailFacts = {
  document: EXAMPLE_DOCUMENT,
  emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
  messageId: "<id@example.com>",
  date: new Date(0),
};

/** Does something within a span and without one; returns the headers that carry the span. */
async function withinAndWithout(act: () => unknown) {
  await using test = startTestTracing();
  await test.tracing.inSpan("emailer", {}, async () => {
    await act();
  });
  await act();
  const { traceId, spanId } = test.exporter.getSpan("emailer").spanContext();
  return { "X-B3-TraceId": traceId, "X-B3-SpanId": spanId, "X-B3-Sampled": "1" };
}

Deno.test("propagatingPublisher() adds the trace to a message's own headers", async () => {
  const publications: Publication[] = [];
  const publisher = propagatingPublisher({
    publish: (publication) => {
      publications.push(publication);
      return Promise.resolve({ status: "confirmed" });
    },
  });
  const publication: Publication = {
    exchange: "",
    routingKey: "send-email.dead",
    content: Uint8Array.of(1),
    options: { persistent: true, headers: { "x-attempt": 1 } },
  };
  const trace = await withinAndWithout(() => publisher.publish(publication));
  const options = { persistent: true, headers: { "x-attempt": 1, ...trace } };
  deepEqual(publications, [{ ...publication, options }, publication]);
});

Deno.test("propagatingComposer() hands over the trace and the time", async () => {
  const composed: MailFacts[] = [];
  const compose = propagatingComposer((facts) => {
    composed.push(facts);
    return { envelope: { from: "", to: [] }, raw: new Uint8Array() };
  }, { nowMicroseconds: () => 1_795_523_696_123_456 });
  const headers = await withinAndWithout(() => compose(FACTS));
  deepEqual(composed, [
    { ...FACTS, trace: { headers, sentAtMicroseconds: 1_795_523_696_123_456 } },
    { ...FACTS, trace: undefined },
  ]);
});
