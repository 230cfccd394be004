import { deepEqual, match } from "node:assert/strict";
import { fetchedMessage } from "@playground/shared/testing";
import { readDeadLetter } from "./dead_letter.ts";

const ID = "11111111-2222-4333-8444-555555555555";
const OURS = {
  "X-B3-TraceId": "a".repeat(32),
  "X-B3-SpanId": "b".repeat(16),
  "X-B3-Sampled": "1",
  "x-attempt": 3,
  "x-mail-message-id": `<${ID}@playground.invalid>`,
  "x-dead-reason": "refused for good: 550 no such user",
  "x-last-reply": "550 no such user",
  "x-dead-at": "2026-11-24T12:00:00.123Z",
};
const X_DEATH = [
  { reason: "delivery_limit", queue: "send-email", time: { value: 1_795_000_000 } },
  { reason: "expired", queue: "send-email.retry.1s", time: { value: 1_700_000_000 } },
];

Deno.test("readDeadLetter() believes the emailer rather than x-death, and leaves out the count of deliveries", async () => {
  const message = fetchedMessage({
    headers: { ...OURS, "x-death": X_DEATH, "x-delivery-count": 7 },
    properties: { messageId: ID, timestamp: 1_794_999_000 },
  });
  deepEqual(await readDeadLetter(message), {
    id: ID,
    messageId: `<${ID}@playground.invalid>`,
    acceptedAt: new Date(1_794_999_000_000),
    deadAt: new Date("2026-11-24T12:00:00.123Z"),
    attempts: 3,
    reason: "refused for good: 550 no such user",
    lastReply: "550 no such user",
    traceId: "a".repeat(32),
    sizeBytes: message.content.length,
    headers: { ...OURS, "x-death": X_DEATH },
  });
});

for (
  const [what, headers] of [
    ["no headers", undefined],
    ["nonsense in every header", {
      "X-B3-TraceId": "zipkin",
      "x-attempt": -1,
      "x-dead-at": "yesterday",
      "x-death": "sudden",
      "x-delivery-count": "many",
    }],
    ["nonsense in x-death", { "x-death": [{ reason: 1 }] }],
    ["an empty x-death", { "x-death": [] }],
  ] as const
) {
  Deno.test(`readDeadLetter() copes with ${what}`, async () => {
    const letter = await readDeadLetter(fetchedMessage({
      ...(headers === undefined ? {} : { headers }),
      properties: { timestamp: 1e300 },
    }));
    match(letter.reason, /^unknown/);
    const { acceptedAt, deadAt, attempts, lastReply, traceId } = letter;
    deepEqual(
      [acceptedAt, deadAt, attempts, lastReply, traceId],
      [undefined, undefined, 1, undefined, undefined],
    );
  });
}
