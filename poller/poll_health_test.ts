import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { Readiness } from "@playground/shared/lifecycle";
import { toArchiveDocument } from "./archive/mod.ts";
import { receiveMail } from "./mail/mod.ts";
import type { PollResult } from "./poll.ts";
import { PollHealth } from "./poll_health.ts";
import { FakeArchive, NOTHING_FOUND } from "./testing/fakes.ts";
import { mailOf } from "./testing/mails.ts";

const READY: Readiness = { ready: true };
const DOWN: Readiness = { ready: false, reason: "MongoDB is down" };
const DELIVERY = { mailtrapId: 1, receivedAt: new Date(0) };

function healthWith(archive: Readiness = READY): PollHealth {
  return new PollHealth(() => Promise.resolve(archive));
}

/** The readiness after polls with these results. */
async function readinessAfter(results: readonly Partial<PollResult>[], archive?: Readiness) {
  const health = healthWith(archive);
  for (const result of results) {
    const whole = { ...NOTHING_FOUND, ...result };
    equal(await health.watchPoll(() => Promise.resolve(whole))(), whole);
  }
  return health.readiness;
}

const ARRIVAL = receiveMail(mailOf({ sampled: "1" }));
const DOCUMENT = await toArchiveDocument(ARRIVAL, { storedAt: new Date(0), pollTraceId: null });

Deno.test("PollHealth is ready from the first archived mail on, in the middle of a poll", async () => {
  const health = healthWith(DOWN);
  const archive = new FakeArchive();
  const { store } = health.watchArchive(archive);
  const stored = { status: "stored", isNew: true } as const;
  const failed = { status: "failed", reason: "too large" } as const;
  for (const [outcome, isReady] of [[failed, false], [stored, true], [failed, true]] as const) {
    archive.outcomeOf = () => outcome;
    deepEqual(await store(DOCUMENT, DELIVERY, ARRIVAL.origin), outcome);
    equal(health.readiness.ready, isReady);
  }
  deepEqual(archive.stored, [{ document: DOCUMENT, delivery: DELIVERY, origin: ARRIVAL.origin }]);
});

const REFUSED = { id: 7, reason: "message 7 is a page" };
const OTHER = { id: 8, reason: "message 8 is a page" };
const REFUSAL = { foundCount: 1, failures: [REFUSED.reason], waitingMails: [REFUSED] };
const WAITING = { waitingMails: [REFUSED] };
const WARNING = "Still in the inbox: message 7 is a page";
const NAMED: Readiness = { ready: true, warning: WARNING };
const NOTHING_ARCHIVED: Readiness = { ready: false, reason: REFUSED.reason, warning: WARNING };

Deno.test.each<
  readonly [what: string, results: readonly Partial<PollResult>[], expected: Readiness]
>([
  ["no poll", [], { ready: false, reason: "The inbox was not polled yet" }],
  ["a poll that found nothing, if the archive answers", [{}], READY],
  ["some failures", [{ foundCount: 2, storedCount: 1, failures: ["x"] }], READY],
  ["failures alone", [{ failures: ["x", "y"] }], { ready: false, reason: "x" }],
  ["a success after a failure", [{ failures: ["x"] }, {}], READY],
  ["a refused mail beside an archived one", [{ ...REFUSAL, storedCount: 1 }], NAMED],
  ["the same and a poll later", [{ ...REFUSAL, storedCount: 1 }, REFUSAL], NAMED],
  [
    "a refused mail and an archived one later",
    [REFUSAL, { ...WAITING, storedCount: 1 }, REFUSAL],
    NAMED,
  ],
  ["a refused mail alone", [REFUSAL], NOTHING_ARCHIVED],
  ["a refused mail alone that waits", [REFUSAL, WAITING], NOTHING_ARCHIVED],
  [
    "another refused mail since the last archived one",
    [
      { ...REFUSAL, storedCount: 1 },
      { failures: [OTHER.reason], waitingMails: [REFUSED, OTHER] },
    ],
    { ready: false, reason: OTHER.reason, warning: `${WARNING}; message 8 is a page` },
  ],
  ["a refused mail that waits no more", [REFUSAL, {}], READY],
])("PollHealth derives the readiness after %s", async (_what, results, expected) => {
  deepEqual(await readinessAfter(results), expected);
});

Deno.test("PollHealth is not ready after a poll that found nothing while the archive is away", async () => {
  deepEqual(await readinessAfter([{}], DOWN), DOWN);
});

Deno.test("PollHealth names at most 20 mails", async () => {
  const waitingMails = Array.from({ length: 22 }, (_, id) => ({ id, reason: `message ${id}.` }));
  const { warning = "" } = await readinessAfter([{ storedCount: 1, waitingMails }]);
  match(warning, /message 19\.; and 2 more$/);
  ok(!warning.includes("message 20."));
});

Deno.test("PollHealth is not ready when the poll throws, and rethrows", async () => {
  const health = healthWith();
  await rejects(health.watchPoll(() => Promise.reject(new TypeError("a bug")))(), TypeError);
  const { readiness } = health;
  ok(!readiness.ready);
  match(readiness.reason, /a bug/);
});
