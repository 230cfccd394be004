import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  archived,
  emailIdOf,
  firstAttempt,
  listed,
  ofEmail,
  POLL_TRACE_ID,
  polled,
  scheduled,
  START_MS,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { createSpanReader } from "./span_reader.ts";
import { ZipkinApi } from "./zipkin_api.ts";

const ZIPKIN = new URL("http://zipkin.example:9411/zipkin-backend/");
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = START_MS + 1_000 * HOUR_MS;
const OWN = scheduled({ tags: { "http.method": "POST" }, log: "INFO Accepted" });
const JOB: ZipkinSpan = { traceId: TRACE_ID, id: "f".repeat(16), name: "nightly-job" };

/** Reads spans from a collector with these; returns them, and the questions. */
async function read(spans: readonly ZipkinSpan[], emailId?: string, maxSpans?: number) {
  const { api, asked } = new FakeCollector(spans);
  const result = await createSpanReader(api, maxSpans, () => NOW_MS)(TRACE_ID, emailId);
  return { result, asked };
}

async function shown(spans: readonly ZipkinSpan[]): Promise<readonly ZipkinSpan[]> {
  const { result } = await read(spans);
  ok(result.status === "found", result.status);
  equal(result.omittedSpanCount, 0);
  return result.spans;
}

for (
  const [what, atMs, lookbackMs] of [
    ["that is a minute old", 1_000 * HOUR_MS - 60_000, HOUR_MS + 60_000],
    ["of last month", 0, 1_001 * HOUR_MS],
    ["whose server has a clock that is far ahead", 1_002 * HOUR_MS, DAY_MS],
  ] as const
) {
  Deno.test(`createSpanReader() looks for the polls of an email ${what}, whatever its caller's root says`, async () => {
    const { asked } = await read([{ ...JOB, timestamp: NOW_MS }, scheduled({ atMs })]);
    deepEqual(asked.map(({ pathname }) => pathname), [
      `/api/v2/trace/${TRACE_ID}`,
      ...Array(asked.length - 1).fill("/api/v2/traces"),
    ]);
    deepEqual(Object.fromEntries(asked[1]?.searchParams ?? []), {
      serviceName: "mail-poller",
      spanName: "fetch-message",
      annotationQuery: `origin.trace_id=${TRACE_ID}`,
      endTs: String(NOW_MS + DAY_MS),
      lookback: String(DAY_MS + lookbackMs),
      limit: "10",
    });
  });
}

Deno.test("createSpanReader() shows the poll of a poller whose clock is ahead", async () => {
  const collector = new FakeCollector([
    ...firstAttempt("delivered"),
    ...polled(1, { atMs: 90_000 }),
  ]);
  const nowMs = collector.nowMs = START_MS + 1_000;
  const result = await createSpanReader(collector.api, Infinity, () => nowMs)(TRACE_ID);
  ok(result.status === "found");
  ok(result.spans.some(({ name }) => name === "store-message"));
});

Deno.test("createSpanReader() takes the email's own trace as it is, and a poll's spans about the email, each once", async () => {
  const [poll, ...steps] = polled(1, { atMs: 200 });
  ok(poll);
  const about = [poll, listed({ atMs: 205 }), ...steps];
  const others = steps.map((span) => ({ ...span, tags: { "origin.trace_id": POLL_TRACE_ID } }));
  const unnamed = steps.map((span) => ({ ...span, tags: {} }));
  const extended = { ...OWN, future: true };
  deepEqual(await shown([extended, ...about, ...others, ...unnamed]), [OWN, ...about]);
  const inOwnTrace = steps.map((span) => ({ ...span, traceId: TRACE_ID }));
  deepEqual(await shown([OWN, ...inOwnTrace]), [OWN, ...inOwnTrace]);
});

Deno.test("createSpanReader() does not know a trace that the collector does not know, and reads no body that it does not need", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream({ cancel: () => resolve() });
  const asked: string[] = [];
  const api = new ZipkinApi(ZIPKIN, (url) => {
    asked.push(String(url));
    return Promise.resolve(new Response(body, { status: 404 }));
  });
  deepEqual(await createSpanReader(api)(TRACE_ID), { status: "unknown" });
  deepEqual(asked, [`${ZIPKIN}api/v2/trace/${TRACE_ID}`]);
  await cancelled;
});

const NOT_ZIPKINS = /^the collector's answer is not Zipkin's$/;
for (
  const [name, answer, reason] of [
    ["answers 500", () => new Response("no disk", { status: 500 }), /^the collector answered 500$/],
    ["answers HTML", () => new Response("<html>"), NOT_ZIPKINS],
    ["answers no list", () => Response.json({ error: 1 }), NOT_ZIPKINS],
    ["answers no spans", () => Response.json([{ id: 1 }]), NOT_ZIPKINS],
    ["cannot be reached", () => Promise.reject(new TypeError("connection refused")), /refused/],
  ] as const
) {
  Deno.test(`createSpanReader() is unavailable when the collector ${name}, also at the polls`, async () => {
    for (const trace of [undefined, OWN]) {
      let isFirst = trace !== undefined;
      const api = new ZipkinApi(ZIPKIN, async () => {
        if (!isFirst) return await answer();
        isFirst = false;
        return Response.json([trace]);
      });
      const result = await createSpanReader(api)(TRACE_ID);
      ok(result.status === "unavailable");
      match(result.reason, reason);
    }
  });
}

const TWO_EMAILS: readonly ZipkinSpan[] = [
  JOB,
  ...[
    ...ofEmail(1, [...firstAttempt("delivered"), archived({ atMs: 200 })]),
    ...ofEmail(2, firstAttempt("dead-lettered", { error: "550 no such user" })),
  ].map((span) => span.parentId === undefined ? { ...span, parentId: JOB.id } : span),
];
const POLL = [
  ...polled(1, { atMs: 300 }).slice(0, 1),
  ...[1, 3].flatMap((number) => ofEmail(number, polled(1, { atMs: 300 }).slice(1))),
];

for (const maxSpans of [1_000, 8]) {
  for (const emailId of [emailIdOf(1), `1${"a0".padStart(15, "0")}`]) {
    Deno.test(`createSpanReader() reads one of a trace's emails by ${emailId}, of ${maxSpans} spans at most`, async () => {
      const { result, asked } = await read([...TWO_EMAILS, ...POLL], emailId, maxSpans);
      ok(result.status === "found");
      const expected = [...TWO_EMAILS.slice(0, 7), ...POLL.slice(0, 3)];
      equal(result.spans.length + (result.omittedSpanCount ?? 0), expected.length);
      if (maxSpans > 8) deepEqual(result.spans, expected);
      equal(
        asked.at(-1)?.searchParams.get("annotationQuery"),
        `origin.trace_id=${TRACE_ID} and origin.span_id=1${"c1".padStart(15, "0")}`,
      );
      equal(result.email?.emailId, emailIdOf(1));
      deepEqual(result.emails?.map(({ emailId }) => emailId), [emailIdOf(1), emailIdOf(2)]);
    });
  }
}

Deno.test("createSpanReader() does not confuse an email without spans with another one", async () => {
  deepEqual((await read(TWO_EMAILS, emailIdOf(3))).result, { status: "unknown" });
});

for (
  const [what, listing, isShown] of [
    ["failed since", { atMs: 4_000, error: "500" }, true],
    ["failed before", { atMs: 100, error: "500" }, false],
    ["found nothing", { atMs: 4_000 }, false],
  ] as const
) {
  Deno.test(`createSpanReader() ${isShown ? "shows" : "hides"} the last poll of a delivered email if it ${what}`, async () => {
    const poll = [...polled(0, { atMs: 90 }).slice(0, 1), listed(listing)];
    const own = firstAttempt("delivered");
    deepEqual(await shown([...own, ...poll]), [...own, ...isShown ? poll : []]);
  });
}
