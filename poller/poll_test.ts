import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { stopTime } from "@playground/shared/testing";
import { captureLog, textOf } from "@playground/shared/testing/telemetry";
import { MAX_RAW_BYTES } from "./archive/mod.ts";
import { createPoll, type PollOptions, type PollResult } from "./poll.ts";
import { FakeArchive, FakeInbox, type Fault, NOTHING_FOUND } from "./testing/fakes.ts";
import { mailOf } from "./testing/mails.ts";

const STORED = { status: "stored", isNew: true } as const;

function pollOf(inbox: FakeInbox, options: Partial<PollOptions> = {}) {
  const archive = new FakeArchive();
  const poll = createPoll({
    inbox,
    archive,
    concurrency: 8,
    pollsPerHour: 720,
    pollTraceId: () => "poll trace",
    signal: new AbortController().signal,
    logsEmptyPolls: false,
    ...options,
  });
  return {
    inbox,
    poll,
    /** Polls; the result is empty but for the expected members. */
    polls: async (expected: Partial<PollResult>) =>
      deepEqual(await poll(), { ...NOTHING_FOUND, ...expected }),
    archive,
  };
}

function idsOf({ stored }: FakeArchive): readonly number[] {
  return stored.map(({ delivery }) => delivery.mailtrapId).toSorted((a, b) => a - b);
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

Deno.test("poll() fetches, stores and then deletes a message", async () => {
  const inbox = new FakeInbox([mailOf({ body: "Body" })]);
  const events = inbox.requests;
  const { polls, archive } = pollOf(inbox);
  archive.outcomeOf = async () => {
    events.push("store");
    await setImmediate();
    events.push("stored");
    return STORED;
  };
  await polls({ foundCount: 1, storedCount: 1 });
  deepEqual(events, ["list", "fetch 1", "store", "stored", "delete 1", "list"]);
  const [stored] = archive.stored;
  equal(stored?.document.text, "Body");
  equal(stored?.document.pollTraceId, "poll trace");
  ok(Math.abs(Number(stored?.document.storedAt) - Date.now()) < 60_000);
  deepEqual(stored?.delivery, { mailtrapId: 1, receivedAt: new Date(1000) });
});

Deno.test("poll() empties an inbox of many pages and misses nothing", async () => {
  const { inbox, polls, archive } = pollOf(new FakeInbox(95));
  await polls({ foundCount: 95, storedCount: 95 });
  deepEqual(idsOf(archive), numbers(1, 95));
  deepEqual(inbox.ids, []);
  equal(inbox.count("list"), 5);
});

Deno.test("poll() leaves a message that was not stored for the next poll, and takes the others", async () => {
  const { inbox, poll, archive } = pollOf(new FakeInbox(40, 10));
  archive.outcomeOf = (_document, { mailtrapId }) =>
    mailtrapId % 10 === 0 ? { status: "failed", reason: `MongoDB refused ${mailtrapId}` } : STORED;
  const { foundCount, storedCount, failures } = await poll();
  deepEqual([foundCount, storedCount], [40, 36]);
  deepEqual(failures.toSorted(), [10, 20, 30, 40].map((id) => `MongoDB refused ${id}`));
  deepEqual(inbox.ids, [40, 30, 20, 10]);

  archive.outcomeOf = () => STORED;
  equal((await poll()).storedCount, 4);
  deepEqual(inbox.ids, []);
});

const REFUSED = { outcome: "refused", reason: "it is a page" } as const;
const REJECTED = { reason: "Mailtrap answered 400" };

Deno.test.each([
  ["is gone before it is fetched", "fetch 2", "gone", 2, undefined],
  ["is gone before it is deleted", "delete 2", "gone", 3, undefined],
  [
    "brings a bug to light",
    "fetch 2",
    new TypeError("a bug"),
    2,
    "message 2 could not be handled: TypeError: a bug",
  ],
])("poll() goes on when a message %s", async (_what, request, fault, storedCount, reason) => {
  const inbox = new FakeInbox(3);
  inbox.faults.set(request, fault);
  const failures = reason === undefined ? [] : [reason];
  await pollOf(inbox, { concurrency: 1 }).polls({ foundCount: 3, storedCount, failures });
  deepEqual(inbox.ids, [2]);
  equal(inbox.count("fetch 2"), 1);
});

Deno.test("poll() fails when the inbox cannot be listed", async () => {
  const inbox = new FakeInbox(3);
  inbox.faults.set("list", { reason: "Mailtrap answered 401", pauseMs: 5 });
  await pollOf(inbox).polls({ failures: ["Mailtrap answered 401"], pauseMs: 5 });
  deepEqual(inbox.requests, ["list"]);
});

Deno.test("poll() leaves the rest for the next poll when Mailtrap asks for a pause", async () => {
  const inbox = new FakeInbox(20);
  inbox.faults.set("fetch 18", { reason: "Mailtrap answered 429", pauseMs: 10_000 });
  const { polls } = pollOf(inbox, { concurrency: 1 });
  const failures = ["Mailtrap answered 429"];
  await polls({ foundCount: 20, storedCount: 2, failures, pauseMs: 10_000 });
  deepEqual(inbox.requests.slice(-2), ["delete 19", "fetch 18"]);

  inbox.faults.clear();
  await polls({ foundCount: 18, storedCount: 18 });
  deepEqual(inbox.ids, []);
});

for (const request of ["fetch", "delete"]) {
  Deno.test(`poll() archives all others though Mailtrap answers pages of messages with 500: ${request}`, async () => {
    const inbox = new FakeInbox(160);
    const ids = inbox.ids.slice(0, 150);
    for (const id of ids) inbox.faults.set(`${request} ${id}`, { reason: "500", pauseMs: 2_000 });
    const { poll } = pollOf(inbox, { concurrency: 1 });
    for (let count = 0; count <= ids.length; count++) await poll();
    deepEqual(inbox.ids, ids);

    // Each of them has its turn.
    inbox.requests.length = 0;
    for (let count = 0; count < ids.length; count++) await poll();
    const fetched = inbox.requests.filter((request) => request.startsWith("fetch "));
    deepEqual(fetched.toSorted(), ids.map((id) => `fetch ${id}`).toSorted());
  });
}

Deno.test("poll() does not look behind all messages of a large inbox that failed in an outage", async () => {
  const { inbox, poll, archive } = pollOf(new FakeInbox(600, 10), { concurrency: 1 });
  archive.outcomeOf = () => ({ status: "failed", reason: "MongoDB is down" });
  await poll();
  inbox.requests.length = 0;
  archive.outcomeOf = () => STORED;
  equal((await poll()).storedCount, 600);
  deepEqual(inbox.requests.slice(0, 2), ["list", "fetch 600"]);
});

Deno.test("poll() finishes the message in hand and leaves the rest when the poller stops", async () => {
  const inbox = new FakeInbox(20);
  const stop = new AbortController();
  const { polls, archive } = pollOf(inbox, { concurrency: 1, signal: stop.signal });
  archive.outcomeOf = (_document, { mailtrapId }) => {
    if (mailtrapId === 19) stop.abort();
    return STORED;
  };
  await polls({ foundCount: 20, storedCount: 2 });
  deepEqual(inbox.requests.at(-1), "delete 19");
  deepEqual(inbox.ids, numbers(1, 18).toReversed());
});

Deno.test("poll() takes the longest pause that Mailtrap asked for", async () => {
  const inbox = new FakeInbox(2);
  inbox.faults.set("fetch 1", { reason: "x", pauseMs: 3_000 });
  inbox.faults.set("fetch 2", { reason: "y", pauseMs: 2_000 });
  equal((await pollOf(inbox).poll()).pauseMs, 3_000);
});

Deno.test("poll() handles as many messages at once as it may, and the next as soon as one is done", async () => {
  const { poll, archive } = pollOf(new FakeInbox(6), { concurrency: 3 });
  const othersAreDone = Promise.withResolvers<void>();
  let storing = 0;
  let mostAtOnce = 0;
  let doneCount = 0;
  archive.outcomeOf = async (_document, { mailtrapId }) => {
    mostAtOnce = Math.max(mostAtOnce, ++storing);
    await (mailtrapId === 6 ? othersAreDone.promise : setImmediate());
    storing--;
    if (++doneCount === 5) othersAreDone.resolve();
    return STORED;
  };
  equal((await poll()).storedCount, 6);
  equal(mostAtOnce, 3);
});

Deno.test("poll() keeps a mail of more than 15 MB in the inbox, says so once, and looks behind it", async () => {
  const large = mailOf({ body: "x".repeat(MAX_RAW_BYTES) });
  const { inbox, poll, polls, archive } = pollOf(new FakeInbox([mailOf(), large], 1));
  const first = await poll();
  deepEqual([first.foundCount, first.storedCount, first.pauseMs], [2, 2, 0]);
  equal(first.failures.length, 1);
  match(
    first.failures[0] ?? "",
    /^message 2 has \d+ bytes, more than 15000000: .* stays in the inbox$/,
  );
  deepEqual(inbox.ids, [2]);
  ok(archive.stored.some(({ document }) => document.rawOmitted));

  await polls({});
  equal(inbox.count("fetch 2"), 1);
});

Deno.test("poll() fetches a kept mail again only if a whole list was without it", async () => {
  const kept = mailOf({ body: "x".repeat(MAX_RAW_BYTES) });
  const { inbox, poll } = pollOf(new FakeInbox([kept]));
  await poll();
  inbox.faults.set("list", { reason: "Mailtrap answered 500" });
  await poll();
  inbox.faults.clear();
  await poll();
  equal(inbox.count("fetch 1"), 1);
  // Mailtrap reuses no id; if it did, the mail would be another one.
  inbox.mails.clear();
  await poll();
  inbox.mails.set(1, mailOf());
  await poll();
  equal(inbox.count("fetch 1"), 2);
});

Deno.test("poll() looks behind whole pages of messages that stay", async () => {
  const inbox = new FakeInbox(25, 10);
  for (const id of numbers(6, 25)) inbox.faults.set(`delete ${id}`, { reason: "stuck" });
  const { poll, archive } = pollOf(inbox);
  const { storedCount, failures } = await poll();
  equal(storedCount, 25);
  equal(failures.length, 20);
  deepEqual(idsOf(archive), numbers(1, 25));
  deepEqual(inbox.ids, numbers(6, 25).toReversed());
});

Deno.test("poll() ends when the API does not look behind a number", async () => {
  const inbox = new FakeInbox(5);
  for (const id of numbers(1, 5)) inbox.faults.set(`delete ${id}`, { reason: "stuck" });
  const { list } = inbox;
  const deaf = Object.assign(inbox, { list: () => list.call(inbox) });
  equal((await pollOf(deaf).poll()).failures.length, 5);
  ok(inbox.count("list") <= 3, inbox.requests.join());
});

Deno.test.each<readonly [what: string, fault: Fault, why: string]>([
  ["is not a mail", REFUSED, "it is a page"],
  ["Mailtrap answers with 400", REJECTED, "Mailtrap answered 400"],
])(
  "poll() neither archives nor deletes what %s, counts it and takes the others",
  async (_what, fault, why) => {
    const { inbox, polls, archive } = pollOf(new FakeInbox(3));
    inbox.faults.set("fetch 2", fault);
    const reason = `message 2: ${why}`;
    const waitingMails = [{ id: 2, reason }];
    await polls({ foundCount: 3, storedCount: 2, failures: [reason], waitingMails });
    deepEqual(idsOf(archive), [1, 3]);
    deepEqual(inbox.ids, [2]);
  },
);

Deno.test.each<
  readonly [
    what: string,
    how: string,
    fault: Fault,
    pollsPerHour: number,
    expected: readonly number[],
  ]
>([
  ["is not a mail", "after 1, 2, 4 … polls", REFUSED, 720, [1, 2, 4, 8, 16, 32]],
  ["Mailtrap answers with 400", "after 1, 2, 4 … polls", REJECTED, 720, [1, 2, 4, 8, 16, 32]],
  [
    "is not a mail",
    "at least once an hour",
    REFUSED,
    3,
    [1, 2, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40],
  ],
])("poll() fetches what %s again %s", async (_what, _how, fault, pollsPerHour, expected) => {
  const { inbox, poll } = pollOf(new FakeInbox(1), { pollsPerHour });
  inbox.faults.set("fetch 1", fault);
  const askedAt: number[] = [];
  for (let count = 1; count <= 40; count++) {
    const before = inbox.count("fetch 1");
    await poll();
    if (inbox.count("fetch 1") > before) askedAt.push(count);
  }
  deepEqual(askedAt, expected);
});

Deno.test.each<readonly [what: string, fault: Fault, why: string]>([
  ["cannot be deleted", { reason: "Mailtrap answered 403" }, "Mailtrap answered 403"],
  ["is not deleted for certain", REFUSED, "it is a page"],
])("poll() stores a message that %s again after 1, 2, 4 … polls", async (_what, fault, why) => {
  const { inbox, poll, polls, archive } = pollOf(new FakeInbox(3));
  inbox.faults.set("delete 2", fault);
  const reason = `message 2: ${why}; it is archived and stays in the inbox`;
  const waitingMails = [{ id: 2, reason }];
  await polls({ foundCount: 3, storedCount: 3, failures: [reason], waitingMails });
  deepEqual(inbox.ids, [2]);
  const counts: number[] = [];
  for (let count = 2; count <= 9; count++) {
    await poll();
    counts.push(idsOf(archive).filter((id) => id === 2).length);
  }
  deepEqual(counts, [2, 2, 3, 3, 3, 3, 4, 4]);

  inbox.faults.clear();
  for (let count = 10; count <= 16; count++) await poll();
  deepEqual(inbox.ids, []);
  await polls({});
});

Deno.test("poll() says once that items of the list are no messages, and takes the messages", async () => {
  const { inbox, polls } = pollOf(new FakeInbox(2));
  inbox.listProblem = "item 1 has no id";
  await polls({ foundCount: 2, storedCount: 2, failures: [inbox.listProblem] });
});

Deno.test("poll() looks behind a page without one usable item", async () => {
  const { inbox, poll, archive } = pollOf(new FakeInbox(25, 10));
  for (const id of numbers(6, 15)) inbox.unusableIds.add(id);
  await poll();
  deepEqual(idsOf(archive), [...numbers(1, 5), ...numbers(16, 25)]);
});

Deno.test("poll() handles a message once that the list names twice", async () => {
  const inbox = new FakeInbox(1);
  const { list } = inbox;
  Object.assign(inbox, {
    list: async () => {
      const page = await list.call(inbox);
      ok(page.outcome === "ok");
      const { messages } = page.value;
      return { ...page, value: { ...page.value, messages: [...messages, ...messages] } };
    },
  });
  await pollOf(inbox).poll();
  equal(inbox.count("fetch 1"), 1);
});

/** Polls an inbox of one doubtful mail at an interval; returns each poll's result. */
async function pollDoubtfulMail(
  isKept: boolean,
  polls: number,
  change?: (inbox: FakeInbox, poll: number) => void,
  intervalMinutes = 1,
) {
  using time = stopTime();
  const inbox = new FakeInbox(1);
  inbox.doubts.set(1, { reason: "it may be half a mail", isKept });
  const { poll, archive } = pollOf(inbox, { pollsPerHour: 60 / intervalMinutes });
  const results: PollResult[] = [];
  for (let count = 0; count < polls; count++) {
    change?.(inbox, count);
    results.push(await poll());
    await time.pass(intervalMinutes * 60_000);
  }
  return { inbox, archive, results };
}

Deno.test("poll() archives and deletes a doubtful mail after three equal answers over 10 minutes, with the doubt noted", async () => {
  // It is fetched in the minutes 0, 1, 3, 7 and 15.
  const early = await pollDoubtfulMail(false, 15);
  deepEqual(early.archive.stored, []);
  deepEqual(early.inbox.ids, [1]);
  deepEqual(early.results[0], {
    ...NOTHING_FOUND,
    foundCount: 1,
    failures: ["message 1: it may be half a mail"],
    waitingMails: [{ id: 1, reason: "message 1: it may be half a mail" }],
  });
  const { archive, inbox, results } = await pollDoubtfulMail(false, 16);
  deepEqual(archive.stored.map(({ document }) => document.doubt), ["it may be half a mail"]);
  deepEqual(inbox.ids, []);
  deepEqual(results.at(-1), { ...NOTHING_FOUND, foundCount: 1, storedCount: 1 });
});

Deno.test("poll() wants three equal answers of a doubtful mail, however far apart they are", async () => {
  for (const [polls, count] of [[2, 0], [3, 1]] as const) {
    const { archive } = await pollDoubtfulMail(false, polls, undefined, 60);
    equal(archive.stored.length, count);
  }
});

Deno.test("poll() keeps a mail in the inbox whose end HTTP does not show, and archives it once", async () => {
  const { archive, inbox, results } = await pollDoubtfulMail(true, 200);
  equal(archive.stored.length, 1);
  deepEqual(inbox.ids, [1]);
  equal(inbox.count("delete"), 0);
  deepEqual(results[15]?.failures, [
    "message 1: it may be half a mail; it is archived as it is and stays in the inbox",
  ]);
});

Deno.test("poll() archives and deletes the whole mail that comes after a doubtful one was archived", async () => {
  const { archive, inbox } = await pollDoubtfulMail(true, 200, (inbox, poll) => {
    if (poll === 16) inbox.doubts.clear();
  });
  deepEqual(archive.stored.map(({ document }) => document.doubt), ["it may be half a mail", null]);
  deepEqual(inbox.ids, []);
});

Deno.test.each([
  ["are not equal", (inbox: FakeInbox, poll: number) => {
    inbox.mails.set(1, mailOf({ body: `${poll}` }));
  }],
  ["are no mail in between", (inbox: FakeInbox, poll: number) => {
    inbox.faults.clear();
    if (poll === 7) inbox.faults.set("fetch 1", { outcome: "refused", reason: "a page" });
  }],
])("poll() archives no doubtful mail whose answers %s", async (_what, change) => {
  const { archive, inbox } = await pollDoubtfulMail(false, 20, change);
  deepEqual(archive.stored, []);
  deepEqual(inbox.ids, [1]);
});

Deno.test("poll() shows a message as a failure that is gone and listed all the same", async () => {
  const inbox = new FakeInbox(1);
  inbox.faults.set("fetch 1", "gone");
  const { polls } = pollOf(inbox);
  await polls({ foundCount: 1 });
  const reason = "message 1: Mailtrap lists it, and answers 404 when it is fetched";
  await polls({ foundCount: 1, failures: [reason], waitingMails: [{ id: 1, reason }] });
  inbox.faults.clear();
  await polls({ foundCount: 1, storedCount: 1 });
  deepEqual(inbox.ids, []);
});

Deno.test("poll() shows a message as a failure that comes again though it was deleted", async () => {
  const inbox = new FakeInbox(1);
  const { poll, polls } = pollOf(Object.assign(inbox, {
    delete: () =>
      Promise.resolve({
        outcome: "ok",
        value: undefined,
        request: { method: "DELETE", url: "https://mailtrap.example/", status: 200 },
      }),
  }));
  await polls({ foundCount: 1, storedCount: 1 });
  const reason = "message 1: Mailtrap answered before that it was deleted, and it was not; " +
    "it is archived and stays in the inbox";
  const waitingMails = [{ id: 1, reason }];
  await polls({ foundCount: 1, storedCount: 1, failures: [reason], waitingMails });
  await poll();
  await polls({ waitingMails });
});

const FAILED = "warning: Mailtrap answered 500";

Deno.test.each([
  ["what was found, and failures", 3, "fetch 2", false, ["info: Archived 2 of 3 messages", FAILED]],
  ["that the inbox cannot be read", 0, "list", false, ["info: Archived 0 of 0 messages", FAILED]],
  ["nothing, when it found nothing", 0, "none", false, []],
  ["that it found nothing, when told to", 0, "none", true, ["info: Archived 0 of 0 messages"]],
])("poll() logs %s", async (_what, mailCount, fault, logsEmptyPolls, expected) => {
  await using log = await captureLog();
  const { inbox, poll } = pollOf(new FakeInbox(mailCount), { logsEmptyPolls });
  inbox.faults.set(fault, { reason: "Mailtrap answered 500", pauseMs: 2_000 });
  await poll();
  deepEqual(log.records.map((record) => `${record.level}: ${textOf(record)}`), expected);
});
