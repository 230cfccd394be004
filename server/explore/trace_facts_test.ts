import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  attempted,
  firstAttempt,
  polled,
  published,
  received,
  scheduled,
  START_MS,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { type CallFacts, isSettled, traceFactsOf } from "./trace_facts.ts";

const text = ({ from, to, durationUs = 0, isError, purpose }: CallFacts) =>
  [`${from} → ${to}`, `${durationUs / 1_000} ms`, isError && "failed", purpose]
    .filter((part) => part).join(", ");

const facts = (spans: readonly ZipkinSpan[]) => traceFactsOf(spans, TRACE_ID);

Deno.test("traceFactsOf() has the failures and the retries", () => {
  const { emails: [email] } = facts([
    scheduled(),
    published(1, { atMs: 5 }),
    received(1, { atMs: 5, forMs: 95 }),
    ...attempted(1, "retried", { atMs: 100, error: "451" }),
    published(2, { atMs: 110, forMs: 3, error: "no confirm" }),
    received(2, { atMs: 110, forMs: 1_000 }),
    ...attempted(2, "delivered", { atMs: 1_110 }),
  ]);
  deepEqual(email?.calls.map(text).toSorted(), [
    "emailer → mailtrap, 8 ms, failed, smtp",
    "emailer → mailtrap, 8 ms, smtp",
    "emailer → rabbitmq, 3 ms, failed, retry",
    "message-server → rabbitmq, 10 ms, publish",
    "rabbitmq → emailer, 1000 ms",
    "rabbitmq → emailer, 95 ms, failed, queue",
  ]);
});

Deno.test("traceFactsOf() has the times that Zipkin searches and sorts by", () => {
  const [root = scheduled(), ...rest] = firstAttempt("delivered");
  const times = (spans: readonly ZipkinSpan[]) => {
    const { startUs, latestUs } = facts(spans);
    return [startUs, latestUs].map((us) => us / 1_000 - START_MS);
  };
  deepEqual(times([...rest, { ...root, timestamp: (START_MS + 7) * 1_000 }]), [7, 101]);
  deepEqual(times(rest), [5, 101]);
});

Deno.test.each([
  [true, "a refused one", [scheduled({ error: "400" })]],
  [true, "a dead letter", firstAttempt("dead-lettered", { error: "550" })],
  [false, "one that waits for its next attempt", firstAttempt("retried", { error: "451" })],
  [
    true,
    "one that is not followed",
    firstAttempt("delivered", { tags: { trace_through_smtp: "off" } }),
  ],
  [true, "a poll", polled(1, { atMs: 0 })],
])("isSettled() is %s of %s", (expected, _what, spans) => {
  equal(isSettled(facts(spans)), expected);
});
