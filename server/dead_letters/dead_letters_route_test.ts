import { deepEqual, equal, match } from "node:assert/strict";
import { problemOf, startTestApp } from "../testing/test_app.ts";
import { emailIdOf, TRACE_ID } from "../testing/email_spans.ts";
import { type ExploredEmails, Explorer } from "../explore/mod.ts";
import { type EmailSummary, ZipkinApi } from "../trace_view/mod.ts";
import type { DeadLetters } from "./mod.ts";

const NO_SUCH_USER = "refused for good: 550 no such user";
const FULL = "gave up after 6 attempts: 452 full";

function summaryOf(number: number, reason: string, dropped?: true): EmailSummary {
  return {
    traceId: TRACE_ID,
    emailId: emailIdOf(number),
    scheduledAt: new Date(1_700_000_000_000 - number).toISOString(),
    synthetic: false,
    state: { name: "dead-lettered", reason, ...(dropped === undefined ? {} : { dropped }) },
    durationMs: 20,
    attempts: ["failed"],
    spanCount: 5,
    reason,
  };
}

const EMAILS = [
  summaryOf(1, FULL),
  summaryOf(2, NO_SUCH_USER),
  summaryOf(3, NO_SUCH_USER, true),
  summaryOf(4, NO_SUCH_USER),
];

const PROGRESS = { readCount: 4, isComplete: true };

/** Knows what the collector holds without asking it. */
function explorerOf(known: ExploredEmails): Explorer {
  const api = new ZipkinApi(new URL("http://127.0.0.1:9411"));
  const explorer = new Explorer({ api, traceUrl: () => undefined, now: () => 0 });
  return Object.assign(explorer, { emails: () => Promise.resolve(known) });
}

/** An application with these emails, and with so many messages in the queue; by default the broker cannot be asked. */
function startApp(emails: readonly EmailSummary[], queueCount?: number) {
  const lengths = queueCount === undefined ? undefined : new Map([["send-email.dead", queueCount]]);
  return startTestApp({
    explorer: explorerOf({ status: "found", emails, progress: PROGRESS }),
    ...(lengths && { readQueues: () => Promise.resolve({ status: "found", lengths }) }),
  });
}

Deno.test("GET /api/dead-letters groups by reason, the oldest first, without those that were dropped", async () => {
  await using app = startApp(EMAILS, 5);
  const response = await app.request("/api/dead-letters");
  equal(response.headers.get("cache-control"), "no-store");
  deepEqual(await response.json(), {
    reasons: [
      { reason: NO_SUCH_USER, count: 2, emails: [EMAILS[3], EMAILS[1]] },
      { reason: FULL, count: 1, emails: [EMAILS[0]] },
    ],
    queueCount: 5,
    untracedCount: 2,
    progress: PROGRESS,
  });
});

Deno.test("GET /api/dead-letters has no untraced ones where the traces are ahead of the queue", async () => {
  await using app = startApp([summaryOf(0, FULL), summaryOf(1, FULL)], 1);
  const { queueCount, untracedCount } = await (await app.request("/api/dead-letters")).json();
  deepEqual([queueCount, untracedCount], [1, 0]);
});

Deno.test("GET /api/dead-letters counts all and lists at most 1,000", async () => {
  const emails = Array.from({ length: 1_200 }, (_, number) => summaryOf(number, FULL));
  await using app = startApp(emails);
  const { reasons, ...others } = await (await app.request("/api/dead-letters")).json();
  deepEqual(others, { progress: PROGRESS }, "the broker cannot be asked");
  deepEqual([reasons[0].count, reasons[0].emails.length], [1_200, 1_000]);
  equal(reasons[0].emails[0].emailId, emailIdOf(1_199));
});

Deno.test("GET /api/dead-letters says that there is no collector, or none that answers", async () => {
  await using none = startTestApp();
  equal((await problemOf(await none.request("/api/dead-letters"), 503)).title, "No collector");
  const explorer = explorerOf({ status: "unavailable", reason: "it is away" });
  await using silent = startTestApp({ explorer });
  match((await problemOf(await silent.request("/api/dead-letters"), 503)).detail, /it is away/);
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

for (
  const [what, body, pointer] of [
    ["another action", { action: "bury", emailIds: [emailIdOf(1)] }, "/action"],
    ["no email", { action: "drop", emailIds: [] }, "/emailIds"],
    ["something that is not an id", { action: "drop", emailIds: ["7"] }, "/emailIds/0"],
    [
      "more than 1,000",
      { action: "drop", emailIds: Array.from({ length: 1_001 }, (_, number) => emailIdOf(number)) },
      "/emailIds",
    ],
    ["nothing", null, ""],
  ] as const
) {
  Deno.test(`POST /api/dead-letters refuses ${what}`, async () => {
    await using app = commands(() => Promise.reject(new Error("it acts")));
    const { errors } = await problemOf(await app.command(body), 422);
    equal(errors?.[0]?.pointer, pointer);
  });
}

Deno.test("POST /api/dead-letters takes JSON only, and no page of another site", async () => {
  await using app = commands(() => Promise.reject(new Error("it acts")));
  const body = { action: "drop", emailIds: [emailIdOf(1)] };
  await problemOf(await app.command(body, { "content-type": "text/plain" }), 415);
  await problemOf(await app.command(body, { "sec-fetch-site": "cross-site" }), 403);
});
