import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { type Archive, type PingOutcome, toArchiveDocument } from "./archive/mod.ts";
import { receiveMail } from "./mail/mod.ts";
import type { PollResult } from "./poll.ts";
import { PollHealth } from "./poll_health.ts";
import { FakeArchive, NOTHING_FOUND } from "./testing/fakes.ts";
import { mailOf } from "./testing/mails.ts";

const ANSWERED: PingOutcome = { status: "answered" };
const DOWN: PingOutcome = { status: "failed", reason: "MongoDB is down" };
const DELIVERY = { mailtrapId: 1, receivedAt: new Date(0) };

/** The health of a poller whose archive answers a ping like this. */
function healthWith(ping: PingOutcome = ANSWERED): PollHealth {
  return new PollHealth(() => Promise.resolve(ping));
}

/** The readiness after polls with these results. */
async function readinessAfter(results: readonly Partial<PollResult>[], ping?: PingOutcome) {
  const health = healthWith(ping);
  for (const result of results) {
    const whole = { ...NOTHING_FOUND, ...result };
    equal(await health.watchPoll(() => Promise.resolve(whole))(), whole);
  }
  return health.readiness;
}

async function document() {
  return await toArchiveDocument(receiveMail(mailOf()), {
    storedAt: new Date(0),
    pollTraceId: null,
  });
}

Deno.test("PollHealth is not ready before the first poll", async () => {
  deepEqual(await readinessAfter([]), { ready: false, reason: "The inbox was not polled yet" });
});

Deno.test("PollHealth is ready as soon as a mail is archived, in the middle of a poll", async () => {
  const health = healthWith(DOWN);
  const outcome = await health.watchArchive(new FakeArchive()).store(await document(), DELIVERY);
  deepEqual(outcome, { status: "stored", isNew: true });
  deepEqual(health.readiness, { ready: true });
});

Deno.test("PollHealth tells the archive the origin of a mail", async () => {
  const { origin } = receiveMail(mailOf({ sampled: "1" }));
  ok(origin !== undefined);
  const told: unknown[] = [];
  const archive: Archive = {
    store(_document, _delivery, origin) {
      told.push(origin);
      return Promise.resolve({ status: "stored", isNew: true });
    },
  };
  await healthWith().watchArchive(archive).store(await document(), DELIVERY, origin);
  deepEqual(told, [origin]);
});

Deno.test("PollHealth is as it was when a mail is not archived", async () => {
  const health = healthWith();
  const archive = new FakeArchive();
  archive.outcomeOf = () => ({ status: "failed", reason: "too large" });
  const outcome = await health.watchArchive(archive).store(await document(), DELIVERY);
  equal(outcome.status, "failed");
  ok(!health.readiness.ready);
  await health.watchPoll(() => Promise.resolve(NOTHING_FOUND))();
  await health.watchArchive(archive).store(await document(), DELIVERY);
  deepEqual(health.readiness, { ready: true });
});

Deno.test("PollHealth is ready after a poll that found nothing, if the archive answers", async () => {
  deepEqual(await readinessAfter([{}]), { ready: true });
});

Deno.test("PollHealth is not ready after a poll that found nothing, if the archive is away", async () => {
  deepEqual(await readinessAfter([{}], DOWN), { ready: false, reason: "MongoDB is down" });
});

Deno.test("PollHealth is ready when some messages failed and others did not", async () => {
  deepEqual(await readinessAfter([{ foundCount: 2, storedCount: 1, failures: ["x"] }]), {
    ready: true,
  });
});

Deno.test("PollHealth is not ready when nothing succeeded, and says why", async () => {
  deepEqual(await readinessAfter([{ failures: ["MongoDB is down", "y"] }]), {
    ready: false,
    reason: "MongoDB is down",
  });
});

Deno.test("PollHealth is ready again after a poll that succeeded", async () => {
  deepEqual(await readinessAfter([{ failures: ["x"] }, {}]), { ready: true });
});

const REFUSED = { id: 7, reason: "message 7 is a page" };
const REFUSAL = { foundCount: 1, failures: [REFUSED.reason], waitingMails: [REFUSED] };

Deno.test("PollHealth names the mails that Mailtrap does not hand over, and is ready while others are archived", async () => {
  const named = {
    ready: true,
    warning: "Not archived for certain, hence still in the inbox: message 7 is a page",
  };
  deepEqual(await readinessAfter([{ ...REFUSAL, storedCount: 1 }]), named);
  deepEqual(await readinessAfter([{ ...REFUSAL, storedCount: 1 }, REFUSAL]), named);
  deepEqual(
    await readinessAfter([REFUSAL, { storedCount: 1, waitingMails: [REFUSED] }, REFUSAL]),
    named,
  );
});

Deno.test("PollHealth is not ready as long as Mailtrap hands over nothing at all", async () => {
  const waits = { waitingMails: [REFUSED] };
  for (const results of [[REFUSAL], [REFUSAL, waits]]) {
    const readiness = await readinessAfter(results);
    equal(readiness.ready, false);
    equal(!readiness.ready && readiness.reason, REFUSED.reason);
    match(readiness.warning ?? "", /message 7 is a page/);
  }
  const other = { id: 8, reason: "message 8 is a page" };
  const later = { failures: [other.reason], waitingMails: [REFUSED, other] };
  equal((await readinessAfter([{ ...REFUSAL, storedCount: 1 }, later])).ready, false);
});

Deno.test("PollHealth forgets a mail that waits no more", async () => {
  deepEqual(await readinessAfter([REFUSAL, {}]), { ready: true });
});

Deno.test("PollHealth names 20 mails at most", async () => {
  const waitingMails = Array.from({ length: 22 }, (_, id) => ({ id, reason: `message ${id}.` }));
  const { warning = "" } = await readinessAfter([{ storedCount: 1, waitingMails }]);
  match(warning, /message 19\.; and 2 more$/);
  ok(!warning.includes("message 20."));
});

Deno.test("PollHealth is not ready when the poll threw, and lets it through", async () => {
  const health = healthWith();
  await rejects(health.watchPoll(() => Promise.reject(new TypeError("a bug")))(), TypeError);
  const { readiness } = health;
  ok(!readiness.ready);
  match(readiness.reason, /a bug/);
});
