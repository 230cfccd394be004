import { deepEqual, equal, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { archived, firstAttempt, published, scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { emailSummary, summarizeEmail } from "./email_summary.ts";
import { emailsOf } from "./traced_emails.ts";

/** The summary of the only email of these spans. */
function summarize(spans: readonly ZipkinSpan[], traceUrl?: string) {
  const [email] = emailsOf(spans);
  ok(email);
  return summarizeEmail(email, TRACE_ID, traceUrl);
}

Deno.test("summarizeEmail() has the members of a list's entry", () => {
  const spans = [
    scheduled({
      tags: { "recipient.domain": "example.org", "user_agent.synthetic.type": "test" },
    }),
    ...firstAttempt("delivered").slice(1),
    archived({ atMs: 150, forMs: 1_350 }),
  ];
  const summary = summarize(spans, `http://zipkin.example/${TRACE_ID}`);
  deepEqual(summary, {
    traceId: TRACE_ID,
    traceUrl: `http://zipkin.example/${TRACE_ID}`,
    emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
    spanId: "00000000000000a0",
    scheduledAt: "2026-11-01T12:00:00.000Z",
    synthetic: true,
    state: { name: "archived" },
    archivedAfterMs: 1_500,
    recipientDomain: "example.org",
    durationMs: 1_500,
    attempts: ["done"],
    spanCount: 5,
    reason: undefined,
  });
  deepEqual(emailSummary.parse(summary), summary);
});

Deno.test("summarizeEmail() leaves out unknown members", () => {
  deepEqual(JSON.parse(JSON.stringify(summarize([scheduled()]))), {
    traceId: TRACE_ID,
    spanId: "00000000000000a0",
    scheduledAt: "2026-11-01T12:00:00.000Z",
    synthetic: false,
    state: { name: "queued" },
    durationMs: 20,
    attempts: [],
    spanCount: 1,
  });
});

Deno.test("summarizeEmail() uses the first known time", () => {
  const { timestamp: _timestamp, ...timeless } = scheduled();
  const summary = summarize([timeless, published(1, { atMs: 5 })]);
  equal(summary.scheduledAt, "2026-11-01T12:00:00.005Z");
});
