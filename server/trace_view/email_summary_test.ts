import { deepEqual, equal, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  archived,
  attempted,
  firstAttempt,
  polled,
  published,
  received,
  scheduled,
  TRACE_ID,
} from "../testing/email_spans.ts";
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

Deno.test("summarizeEmail() uses the first known time", () => {
  const { timestamp: _timestamp, ...timeless } = scheduled();
  const summary = summarize([timeless, published(1, { atMs: 5 })]);
  equal(summary.scheduledAt, "2026-11-01T12:00:00.005Z");
});

/** The attempt that failed, and the publish to the retry queue. */
const failedOnce = [
  ...firstAttempt("retried", { error: "451 try later" }),
  published(2, { atMs: 150 }, "1s"),
];
for (
  const [what, spans, expected] of [
    ["a refused one", [scheduled({ error: "400 no recipient" })], [[], "400 no recipient", 20]],
    ["one that waits", failedOnce, [["failed", "open"], "451 try later", 160]],
    [
      "one that got through",
      [
        ...failedOnce,
        received(2, { atMs: 150, forMs: 1_000 }),
        ...attempted(2, "delivered", { atMs: 1_150 }),
        archived({ atMs: 1_160, forMs: 840 }),
      ],
      [["failed", "done"], "451 try later", 2_000],
    ],
    [
      "one whose caller goes on",
      [{ ...scheduled({ atMs: -50, forMs: 60_000 }), id: "ca11e4", name: "job" }, scheduled()],
      [[], undefined, 20],
    ],
    [
      "one that no mail server takes for long",
      [
        ...firstAttempt("requeued"),
        ...Array.from({ length: 30 }, (_, index) => attempted(1, "requeued", { atMs: index * 50 }))
          .flat(),
      ],
      [[...Array.from({ length: 19 }, () => "failed"), "open"], undefined, 1_460],
    ],
  ] as const
) {
  Deno.test(`summarizeEmail() has the attempts, the reason and the duration of ${what}`, () => {
    const { attempts, reason, durationMs } = summarize(spans);
    deepEqual([attempts, reason, durationMs], expected);
  });
}

Deno.test("summarizeEmail() counts the spans of its own trace, both halves of one once", () => {
  equal(summarize([...firstAttempt("delivered"), ...polled(1, { atMs: 200 })]).spanCount, 4);
});
