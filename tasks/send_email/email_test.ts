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

for (const [state, line, code] of STATES) {
  Deno.test(`describeState() and exitCodeOf() handle ${JSON.stringify(state)}`, () => {
    match(describeState(state, Date.parse(NOW)), line);
    equal(exitCodeOf({ end: "settled", state, spans: [] }), code);
  });
}

const QUEUED = { state: { name: "queued" }, spans: [] } as const;
const RESULTS: readonly (readonly [FollowResult, RegExp, number, string])[] = [
  [
    { end: "settled", state: { name: "archived" }, spans: [] },
    /^archived: MongoDB has it \(90\.0 s\)$/,
    0,
    '{"end":"settled","state":{"name":"archived"},"spans":[]}',
  ],
  [
    { end: "unseen", reason: "no collector", ...QUEUED },
    /^accepted; it cannot be followed further: no collector$/,
    0,
    '{"end":"unseen","reason":"no collector","spans":[]}',
  ],
  [
    { end: "timeout", ...QUEUED },
    /not archived after 90\.0 s, but queued.*--timeout$/,
    3,
    '{"end":"timeout","state":{"name":"queued"},"spans":[]}',
  ],
];

for (const [result, sentence, code, json] of RESULTS) {
  Deno.test(`describeEnd(), describeResult() and exitCodeOf() handle the end ${result.end}`, () => {
    match(describeEnd(result, 89_960), sentence);
    equal(JSON.stringify(describeResult(result)), json);
    equal(exitCodeOf(result), code);
  });
}

Deno.test("toDocument() takes what was given, empty text included, and fills in the rest", () => {
  deepEqual(toDocument({ to: "b", subject: "" }), {
    sender: { address: "me@example.com" },
    recipient: { address: "b" },
    subject: "",
    body: "Whatever you want",
  });
});
