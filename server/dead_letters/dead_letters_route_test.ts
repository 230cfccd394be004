import { deepEqual, equal, match } from "node:assert/strict";
import { Explorer } from "../explore/mod.ts";
import {
  emailIdOf,
  firstAttempt,
  inTrace,
  ofEmail,
  scheduled,
  START_MS,
} from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { problemOf, startTestApp } from "../testing/test_app.ts";
import { deadLetterList } from "./dead_letters_route.ts";
import type { DeadLetters } from "./mod.ts";

const NO_SUCH_USER = "refused for good: 550 no such user";
const FULL = "gave up after 6 attempts: 452 full";

/** An application whose collector has these dead letters, the oldest first, and whose broker holds this many. */
function startWith(
  letters: readonly (readonly [reason: string, isDropped?: boolean])[],
  queueCount?: number,
) {
  const collector = new FakeCollector(letters.flatMap(([error, isDropped], number) => {
    const spans = firstAttempt("dead-lettered", { error });
    const drop = { ...scheduled(), id: "f1", parentId: spans[3]?.id, name: "drop-dead-letter" };
    const steps = ofEmail(number, isDropped ? [...spans, drop] : spans);
    return inTrace(String(number).padStart(32, "a"), steps, number * 1_000);
  }));
  const explorer = new Explorer({
    api: collector.api,
    traceUrl: () => undefined,
    now: () => START_MS + 3_600_000,
    patienceMs: 60_000,
  });
  const lengths = new Map(queueCount === undefined ? [] : [["send-email.dead", queueCount]]);
  const app = startTestApp({
    explorer,
    readQueues: () => Promise.resolve({ status: "found", lengths }),
  });
  return {
    ...app,
    collector,
    /** The answer: of each reason, the count and the numbers of the listed emails. */
    async list() {
      const response = await app.request("/api/dead-letters");
      equal(response.headers.get("cache-control"), "no-store");
      const { reasons, progress, ...counts } = deadLetterList.parse(await response.json());
      deepEqual([progress.readCount, progress.isComplete], [letters.length, true]);
      const told = reasons.map(({ reason, count, emails }) => [
        reason,
        count,
        emails.map(({ emailId }) => Number(emailId?.slice(-4))),
      ]);
      return { told, counts };
    },
  };
}

Deno.test.each([
  [
    "groups by reason, the oldest first, without those that were dropped",
    [[NO_SUCH_USER], [NO_SUCH_USER, true], [FULL], [NO_SUCH_USER]],
    5,
    [[NO_SUCH_USER, 2, [0, 3]], [FULL, 1, [2]]],
    { queueCount: 5, untracedCount: 2 },
  ],
  [
    "has no untraced ones where the traces are ahead of the queue",
    [[FULL], [FULL]],
    1,
    [[FULL, 2, [0, 1]]],
    { queueCount: 1, untracedCount: 0 },
  ],
  [
    "counts all and lists at most 1,000, also where the queue cannot be counted",
    Array.from({ length: 1_200 }, () => [FULL] as const),
    undefined,
    [[FULL, 1_200, Array.from({ length: 1_000 }, (_, number) => number)]],
    {},
  ],
])("GET /api/dead-letters %s", async (_what, letters, queueCount, told, counts) => {
  await using app = startWith(letters, queueCount);
  deepEqual(await app.list(), { told, counts });
});

Deno.test("GET /api/dead-letters says that there is no collector, or none that answers", async () => {
  await using none = startTestApp();
  equal((await problemOf(await none.request("/api/dead-letters"), 503)).title, "No collector");
  await using silent = startWith([]);
  silent.collector.failure = new Response("", { status: 500 });
  match((await problemOf(await silent.request("/api/dead-letters"), 503)).detail, /answered 500/);
});

function commands(act: DeadLetters["act"] = () => Promise.resolve([])) {
  const app = startTestApp({ deadLetters: { act } });
  const command = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    app.request("/api/dead-letters", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  return { command, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

Deno.test("POST /api/dead-letters names each email once, in lower case, and answers what became of it", async () => {
  const calls: Parameters<DeadLetters["act"]>[] = [];
  await using app = commands((...call) => {
    calls.push(call);
    return Promise.resolve([{ emailId: emailIdOf(10), status: "gone" }]);
  });
  const emailIds = [emailIdOf(10), emailIdOf(10).toUpperCase()];
  const response = await app.command({ action: "drop", emailIds });
  deepEqual(await response.json(), { results: [{ emailId: emailIdOf(10), status: "gone" }] });
  deepEqual(calls, [["drop", [emailIdOf(10)]]]);
});

Deno.test.each([
  ["another action", { action: "bury", emailIds: [emailIdOf(1)] }, "/action"],
  ["no email", { action: "drop", emailIds: [] }, "/emailIds"],
  ["something that is not an id", { action: "drop", emailIds: ["7"] }, "/emailIds/0"],
  [
    "more than 1,000",
    { action: "drop", emailIds: Array.from({ length: 1_001 }, (_, number) => emailIdOf(number)) },
    "/emailIds",
  ],
  ["nothing", null, ""],
])("POST /api/dead-letters refuses %s", async (_what, body, pointer) => {
  await using app = commands(() => Promise.reject(new Error("it acts")));
  const { errors } = await problemOf(await app.command(body), 422);
  equal(errors?.[0]?.pointer, pointer);
});

Deno.test("POST /api/dead-letters takes JSON only, and no page of another site", async () => {
  await using app = commands(() => Promise.reject(new Error("it acts")));
  const body = { action: "drop", emailIds: [emailIdOf(1)] };
  await problemOf(await app.command(body, { "content-type": "text/plain" }), 415);
  await problemOf(await app.command(body, { "sec-fetch-site": "cross-site" }), 403);
});
