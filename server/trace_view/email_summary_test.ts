import { deepEqual, equal } from "node:assert/strict";
import { firstAttempt, published, scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { emailSummary, summarizeEmail } from "./email_summary.ts";

const noUrl = () => undefined;

Deno.test("summarizeEmail() tells what a list has room for", () => {
  const spans = [
    scheduled({
      tags: { "recipient.domain": "example.org", "user_agent.synthetic.type": "test" },
    }),
    ...firstAttempt("delivered").slice(1),
  ];
  const summary = summarizeEmail(spans, (traceId) => `http://zipkin.example/${traceId}`);
  deepEqual(summary, {
    traceId: TRACE_ID,
    traceUrl: `http://zipkin.example/${TRACE_ID}`,
    emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
    scheduledAt: "2026-11-01T12:00:00.000Z",
    synthetic: true,
    state: { name: "delivered", followed: true },
    recipientDomain: "example.org",
  });
  deepEqual(emailSummary.parse(summary), summary);
});

Deno.test("summarizeEmail() leaves out what no span tells", () => {
  deepEqual(summarizeEmail([scheduled()], noUrl), {
    traceId: TRACE_ID,
    scheduledAt: "2026-11-01T12:00:00.000Z",
    synthetic: false,
    state: { name: "queued" },
  });
});

Deno.test("summarizeEmail() takes the first time that it knows", () => {
  const { timestamp: _timestamp, ...timeless } = scheduled();
  const summary = summarizeEmail([timeless, published(1, { atMs: 5 })], noUrl);
  equal(summary.scheduledAt, "2026-11-01T12:00:00.005Z");
});
