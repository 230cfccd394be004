import { deepEqual } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import * as fc from "fast-check";
import { firstAttempt, published, received } from "../testing/email_spans.ts";
import { type EmailState, emailState, emailStateOf } from "./email_state.ts";

/** A span of these tags that started at this moment. */
function span(
  name: string,
  timestamp: number,
  tags: Readonly<Record<string, string>> = {},
): ZipkinSpan {
  const [traceId, id] = ["463ac35c9f6413ad48485a3978bb5ecc", "a2fb4a1d1a96d312"];
  return { traceId, id, name, timestamp, tags };
}

const SCHEDULED = [span("schedule-email", 1), span("amqp-publish", 2), span("amqp-publish", 2)];
const RETRIED = span("emailer", 10, { attempt: "1", outcome: "retried", error: "451 later" });
const RETRIED_AGAIN = span("emailer", 20, { attempt: "2", outcome: "retried", error: "421 busy" });
const DELIVERED = span("emailer", 30, { attempt: "3", outcome: "delivered" });
const REJECTED = span("emailer", 30, { outcome: "dead-lettered", error: "550 unknown" });
const STORED = span("store-message", 40);
const NOT_STORED = span("store-message", 35, { error: "no primary" });
const ARCHIVED = span("archive-email", 35);

const DEAD = firstAttempt("dead-lettered", { error: "550 unknown" });
const REQUEUED_DEAD_LETTER: ZipkinSpan = {
  ...published(1, { atMs: 60_000 }),
  id: "b00000000000000f",
  parentId: "c1".padStart(16, "0"),
};
const DROPPED: ZipkinSpan = { ...REQUEUED_DEAD_LETTER, name: "drop-dead-letter" };

const queued = { name: "queued" } as const;
const archived = { name: "archived" } as const;
const sent = { name: "delivered", followed: true } as const;
const dead = { name: "dead-lettered", reason: "550 unknown" } as const;
const retrying = { name: "retrying", attempt: 1, reason: "451 later" } as const;

/** States that no picture shows; the others are in `diagram_test.ts`. */
const states: readonly (readonly [string, readonly ZipkinSpan[], EmailState])[] = [
  ["whose schedule-email is still on its way", [span("amqp-publish", 2)], queued],
  ["that waits for its second attempt", [...SCHEDULED, RETRIED], retrying],
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
  ["that was delivered at last", [...SCHEDULED, RETRIED, RETRIED_AGAIN, DELIVERED], sent],
  ["that was rejected later", [...SCHEDULED, RETRIED, REJECTED], dead],
  ["that the poller stored", [...SCHEDULED, DELIVERED, STORED], archived],
  ["that was stored at the second poll", [DELIVERED, NOT_STORED, STORED], archived],
  ["that was rejected, and a mail claims to be it", [REJECTED, ARCHIVED, STORED], dead],
  ["that is to be retried, and a mail claims to be it", [RETRIED, ARCHIVED], retrying],
  ["that waits in the queue, and a mail claims to be it", [...SCHEDULED, ARCHIVED], queued],
  [
    "that was archived, then sent again without success",
    [...SCHEDULED, { ...DELIVERED, timestamp: 25 }, ARCHIVED, REJECTED],
    archived,
  ],
  [
    "that went back to the queue unsent",
    [...firstAttempt("requeued", { error: "535" }), received(1, { atMs: 5, forMs: 2_000 })],
    { name: "sending", attempt: 1 },
  ],
  ["that was dropped from the dead letters", [...DEAD, DROPPED], { ...dead, dropped: true }],
  ["that was requeued from the dead letters", [...DEAD, REQUEUED_DEAD_LETTER], queued],
  [
    "whose retry the broker did not take",
    [
      ...firstAttempt("retried", { error: "451 later" }),
      published(2, { atMs: 140, error: "no confirm" }, "5s"),
    ],
    { ...retrying, maxAttempts: 6 },
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

for (const odd of ["", "-3", "0", "1.5", "1e400", "many"]) {
  Deno.test(`emailStateOf() counts no attempts by a tag of another program: ${JSON.stringify(odd)}`, () => {
    const attempt = span("emailer", 10, { attempt: odd, max_attempts: odd, outcome: "retried" });
    deepEqual(emailStateOf([attempt]), { name: "retrying", attempt: 1, reason: "" });
  });
}

for (const delay of ["9999999999m", `${"9".repeat(30)}m`]) {
  Deno.test(`emailStateOf() awaits no attempt after ${delay}, which no queue can wait`, () => {
    const [attempt] = firstAttempt("retried", {}).filter(({ name }) => name === "emailer");
    const state = emailStateOf([...attempt ? [attempt] : [], published(2, { atMs: 140 }, delay)]);
    deepEqual(state, { name: "retrying", attempt: 1, maxAttempts: 6, reason: "" });
  });
}

Deno.test("emailStateOf() finds its way without times and tags", () => {
  const bare = { traceId: "1", id: "2", name: "emailer" };
  deepEqual(emailStateOf([bare, bare]), { name: "retrying", attempt: 1, reason: "" });
});
