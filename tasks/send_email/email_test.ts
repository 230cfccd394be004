import { deepEqual, equal, match } from "node:assert/strict";
import type { EmailState } from "@playground/server/trace-view";
import type { FollowResult } from "@playground/tasks/clients/message-server";
import { describeEnd, describeResult, describeState, exitCodeOf, toDocument } from "./email.ts";

const NOW = "2026-11-01T12:00:00.000Z";
const IN_5_S = "2026-11-01T12:00:05.000Z";

const STATES: readonly (readonly [EmailState, RegExp, number])[] = [
  [{ name: "refused", reason: "no broker" }, /^refused: no broker$/, 1],
  [{ name: "queued" }, /^queued/, 1],
  [{ name: "retrying", attempt: 2, reason: "451 later" }, /^attempt 2 failed: 451 later/, 1],
  [
    { name: "retrying", attempt: 2, maxAttempts: 6, reason: "451 later", nextAttemptAt: IN_5_S },
    /^attempt 2 of 6 failed: 451 later; the next one is in 5\.00 s$/,
    1,
  ],
  [
    { name: "retrying", attempt: 2, reason: "451 later", nextAttemptAt: NOW },
    /^attempt 2 failed: 451 later; the next one is due$/,
    1,
  ],
  [{ name: "sending", attempt: 3 }, /^sending: attempt 3/, 1],
  [{ name: "dead-lettered", reason: "550 no" }, /^dead-lettered: 550 no$/, 1],
  [{ name: "delivered", followed: true }, /^delivered.*next poll$/, 1],
  [{ name: "delivered", followed: false }, /^delivered: Mailtrap has it$/, 1],
  [{ name: "archived" }, /^archived/, 0],
];

function settled(state: EmailState): FollowResult {
  return { end: "settled", progress: { state, spans: [] } };
}

for (const [state, line, code] of STATES) {
  Deno.test(`describeState() and exitCodeOf() tell of ${JSON.stringify(state)}`, () => {
    match(describeState(state, Date.parse(NOW)), line);
    equal(exitCodeOf(settled(state)), code);
  });
}

Deno.test("describeEnd() tells the state and how long it took", () => {
  equal(describeEnd(settled({ name: "archived" }), 1_260), "archived: MongoDB has it (1.3 s)");
});

Deno.test("describeEnd() and exitCodeOf() count an email that cannot be followed as sent", () => {
  const progress = { state: { name: "queued" }, spans: [] } as const;
  const unseen: FollowResult = { end: "unseen", reason: "no collector", progress };
  equal(describeEnd(unseen, 0), "accepted; it cannot be followed further: no collector");
  equal(exitCodeOf(unseen), 0);
});

Deno.test("describeEnd() and exitCodeOf() tell of the time limit", () => {
  const progress = { state: { name: "queued" }, spans: [] } as const;
  const late: FollowResult = { end: "timeout", progress };
  match(describeEnd(late, 90_000), /not archived after 90\.0 s, but queued.*--timeout$/);
  equal(exitCodeOf(late), 3);
});

Deno.test("describeResult() claims no state of an email of which nothing was seen", () => {
  const progress = { state: { name: "queued" }, spans: [] } as const;
  deepEqual(describeResult({ end: "unseen", reason: "no collector", progress }), {
    end: "unseen",
    reason: "no collector",
    spans: [],
  });
  deepEqual(describeResult({ end: "timeout", progress }), { end: "timeout", ...progress });
});

Deno.test("toDocument() takes what was given, empty text included", () => {
  const given = { from: "a", fromName: "A", to: "b", toName: "B", subject: "", body: "x" };
  deepEqual(toDocument(given), {
    sender: { address: "a", display: "A" },
    recipient: { address: "b", display: "B" },
    subject: "",
    body: "x",
  });
});
