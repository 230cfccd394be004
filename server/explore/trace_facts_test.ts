import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { EMAIL_TRACE } from "@playground/shared/testing";
import {
  archived,
  attempted,
  belowCaller,
  emailIdOf,
  firstAttempt,
  ofEmail,
  POLL_TRACE_ID,
  polled,
  published,
  received,
  scheduled,
  START_MS,
  TRACE_ID,
  withRemotes,
} from "../testing/email_spans.ts";
import { type CallFacts, isSettled, traceFactsOf } from "./trace_facts.ts";

const text = ({ from, to, durationUs = 0, isError, purpose }: CallFacts) =>
  [`${from} → ${to}`, `${durationUs / 1_000} ms`, isError && "failed", purpose]
    .filter((part) => part).join(", ");

const facts = (spans: readonly ZipkinSpan[]) => traceFactsOf(spans, TRACE_ID);

Deno.test("traceFactsOf() has the calls for an email, with the times that the callers saw", () => {
  const { emails: [email], calls, callCount, recordCount } = facts(EMAIL_TRACE);
  deepEqual(email?.calls.map(text).toSorted(), [
    "emailer → mailtrap, 280 ms, smtp",
    // Not the broker's half, which lasts until the receipt.
    "message-server → rabbitmq, 6 ms, publish",
    "rabbitmq → emailer, 99 ms, queue",
  ]);
  deepEqual([calls, callCount, recordCount], [[], 3, 6]);
});

Deno.test("traceFactsOf() has the failures and the retries", () => {
  const { emails: [email] } = facts(withRemotes([
    scheduled(),
    published(1, { atMs: 5 }),
    received(1, { atMs: 5, forMs: 95 }),
    ...attempted(1, "retried", { atMs: 100, error: "451" }),
    published(2, { atMs: 110, forMs: 3, error: "no confirm" }),
    received(2, { atMs: 110, forMs: 1_000 }),
    ...attempted(2, "delivered", { atMs: 1_110 }),
  ]));
  deepEqual(email?.calls.map(text).toSorted(), [
    "emailer → mailtrap, 8 ms, failed, smtp",
    "emailer → mailtrap, 8 ms, smtp",
    "emailer → rabbitmq, 3 ms, failed, retry",
    "message-server → rabbitmq, 10 ms, publish",
    "rabbitmq → emailer, 1000 ms",
    "rabbitmq → emailer, 95 ms, failed, queue",
  ]);
});

Deno.test("traceFactsOf() has the calls of a poll, with the attempt that each mail comes from", () => {
  const steps = withRemotes(ofEmail(1, polled(1, { atMs: 0 })));
  // As the poller reports it: the step names the email that its mail carries.
  const correlated = steps.map((span) =>
    span.name === "store-message"
      ? { ...span, tags: { ...span.tags, correlation_id: emailIdOf(1) } }
      : span
  );
  const { emails, calls } = traceFactsOf(correlated, "");
  deepEqual(emails, []);
  const originKey = `${TRACE_ID}/10000000000000c1`;
  deepEqual(
    calls.map((call) => [text(call), call.originKey]),
    [
      ["mail-poller → mailtrap, 10 ms, fetch", originKey],
      ["mail-poller → mongodb, 10 ms, store", originKey],
    ],
  );
  equal(calls.every(({ startUs }) => startUs > 0), true);
});

Deno.test("traceFactsOf() gives each of a trace's emails its own calls", () => {
  const sent = (number: number) =>
    ofEmail(number, belowCaller(withRemotes(firstAttempt("delivered"))));
  const { emails, calls } = facts([...sent(1), ...sent(2)]);
  deepEqual(emails.map(({ calls }) => calls.length), [3, 3]);
  deepEqual(calls, []);
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

Deno.test("traceFactsOf() keeps what is known of an unchanged trace", () => {
  const spans = firstAttempt("delivered");
  const known = facts(spans);
  equal(traceFactsOf(spans, TRACE_ID, 0, known), known);
  const next = traceFactsOf([...spans, archived({ atMs: 200 })], TRACE_ID, 0, known);
  deepEqual([isSettled(known), isSettled(next)], [false, true]);
});

for (
  const [what, spans, expected] of [
    ["a refused one", [scheduled({ error: "400" })], true],
    ["a dead letter", firstAttempt("dead-lettered", { error: "550" }), true],
    ["one that waits for its next attempt", firstAttempt("retried", { error: "451" }), false],
    [
      "one that is not followed",
      firstAttempt("delivered", { tags: { trace_through_smtp: "off" } }),
      true,
    ],
    ["a poll", polled(1, { atMs: 0 }).filter(({ traceId }) => traceId === POLL_TRACE_ID), true],
  ] as const
) {
  Deno.test(`isSettled() is ${expected} of ${what}`, () =>
    equal(isSettled(facts(spans)), expected));
}
