import { deepEqual } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import * as fc from "fast-check";
import { firstAttempt, published, received, scheduled } from "../testing/email_spans.ts";
import { type EmailState, emailState, emailStateOf } from "./email_state.ts";

/** A span of these tags that started at this moment. */
function span(
  name: string,
  timestamp: number,
  tags: Readonly<Record<string, string>> = {},
): ZipkinSpan {
  return {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "a2fb4a1d1a96d312",
    name,
    timestamp,
    tags,
  };
}

const SCHEDULED = [span("schedule-email", 1), span("amqp-publish", 2), span("amqp-publish", 2)];
const RETRIED = span("emailer", 10, { attempt: "1", outcome: "retried", error: "451 later" });
const RETRIED_AGAIN = span("emailer", 20, { attempt: "2", outcome: "retried", error: "421 busy" });
const DELIVERED = span("emailer", 30, { attempt: "3", outcome: "delivered" });
const REJECTED = span("emailer", 30, { outcome: "dead-lettered", error: "550 unknown" });
const STORED = span("store-message", 40);
const ARCHIVED = span("archive-email", 35);

const RETRY = [
  ...firstAttempt("retried", { error: "451 later" }),
  published(2, { atMs: 140 }, "5s"),
];
const REQUEUED_DEAD_LETTER: ZipkinSpan = {
  ...published(1, { atMs: 60_000 }),
  id: "b00000000000000f",
  parentId: "c1".padStart(16, "0"),
};

const DROPPED: ZipkinSpan = { ...REQUEUED_DEAD_LETTER, name: "drop-dead-letter" };

const states: readonly (readonly [string, readonly ZipkinSpan[], EmailState])[] = [
  ["without a span", [], { name: "queued" }],
  ["that was scheduled", SCHEDULED, { name: "queued" }],
  ["whose schedule-email is still on its way", [span("amqp-publish", 2)], { name: "queued" }],
  [
    "that the broker did not take",
    [span("schedule-email", 1, { error: "503 Email not accepted" })],
    { name: "refused", reason: "503 Email not accepted" },
  ],
  [
    "that waits for its second attempt",
    [...SCHEDULED, RETRIED],
    { name: "retrying", attempt: 1, reason: "451 later" },
  ],
  [
    "that waits for its third attempt",
    [...SCHEDULED, RETRIED, RETRIED_AGAIN],
    { name: "retrying", attempt: 2, reason: "421 busy" },
  ],
  [
    "whose attempt does not say which it is",
    [span("emailer", 10)],
    { name: "retrying", attempt: 1, reason: "" },
  ],
  [
    "that was delivered at last",
    [...SCHEDULED, RETRIED, RETRIED_AGAIN, DELIVERED],
    { name: "delivered", followed: true },
  ],
  [
    "that was delivered without its trace",
    [span("emailer", 30, { outcome: "delivered", trace_through_smtp: "off" })],
    { name: "delivered", followed: false },
  ],
  [
    "that was sent although the server gave up waiting for the confirm",
    [span("schedule-email", 1, { error: "503" }), DELIVERED],
    { name: "delivered", followed: true },
  ],
  [
    "that was rejected",
    [...SCHEDULED, RETRIED, REJECTED],
    { name: "dead-lettered", reason: "550 unknown" },
  ],
  ["that the poller archived", [...SCHEDULED, DELIVERED, ARCHIVED], { name: "archived" }],
  ["that the poller stored", [...SCHEDULED, DELIVERED, STORED], { name: "archived" }],
  [
    "that could not be stored yet",
    [...SCHEDULED, DELIVERED, span("store-message", 40, { error: "no primary" })],
    { name: "delivered", followed: true },
  ],
  [
    "that was stored at the second poll",
    [DELIVERED, span("store-message", 40, { error: "no primary" }), span("store-message", 50)],
    { name: "archived" },
  ],
  [
    "that was rejected, though a mail that claims to be it was archived",
    [...SCHEDULED, REJECTED, ARCHIVED, STORED],
    { name: "dead-lettered", reason: "550 unknown" },
  ],
  [
    "that waits for its second attempt, though a mail that claims to be it was archived",
    [...SCHEDULED, RETRIED, ARCHIVED],
    { name: "retrying", attempt: 1, reason: "451 later" },
  ],
  [
    "that waits in the queue, though a mail that claims to be it was archived",
    [...SCHEDULED, ARCHIVED],
    { name: "queued" },
  ],
  [
    "that was archived, then sent again without success",
    [...SCHEDULED, { ...DELIVERED, timestamp: 25 }, ARCHIVED, REJECTED],
    { name: "archived" },
  ],
  [
    "that the emailer has",
    [scheduled(), published(1, { atMs: 5 }), received(1, { atMs: 5, forMs: 95 })],
    { name: "sending", attempt: 1 },
  ],
  [
    "that waits for as long as its queue says",
    RETRY,
    {
      name: "retrying",
      attempt: 1,
      maxAttempts: 6,
      nextAttemptAt: "2026-11-01T12:00:05.140Z",
      reason: "451 later",
    },
  ],
  [
    "whose second attempt is under way",
    [...RETRY, received(2, { atMs: 140, forMs: 5_010 })],
    { name: "sending", attempt: 2 },
  ],
  [
    "that went back to the queue unsent",
    [...firstAttempt("requeued", { error: "535" }), received(1, { atMs: 5, forMs: 2_000 })],
    { name: "sending", attempt: 1 },
  ],
  [
    "that was dropped from the dead letters",
    [...firstAttempt("dead-lettered", { error: "550 no" }), DROPPED],
    { name: "dead-lettered", reason: "550 no", dropped: true },
  ],
  [
    "that was requeued from the dead letters",
    [...firstAttempt("dead-lettered", { error: "550 no" }), REQUEUED_DEAD_LETTER],
    { name: "queued" },
  ],
  [
    "whose retry the broker did not take",
    [
      ...firstAttempt("retried", { error: "451 later" }),
      published(2, { atMs: 140, error: "no confirm" }, "5s"),
    ],
    { name: "retrying", attempt: 1, maxAttempts: 6, reason: "451 later" },
  ],
];
for (const [name, spans, state] of states) {
  Deno.test(`emailStateOf() an email ${name} is ${state.name}, in any order`, () => {
    deepEqual(emailState.parse(state), state);
    fc.assert(fc.property(
      fc.shuffledSubarray([...spans], { minLength: spans.length }),
      (shuffled) => deepEqual(emailStateOf(shuffled), state),
    ));
  });
}

Deno.test("emailStateOf() finds its way without times and tags", () => {
  const bare = { traceId: "1", id: "2", name: "emailer" };
  deepEqual(emailStateOf([bare, bare]), { name: "retrying", attempt: 1, reason: "" });
});
