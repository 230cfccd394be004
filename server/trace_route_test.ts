import { deepEqual, equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { problemOf, readerOf, startTestApp, TRACE_URL } from "./testing/test_app.ts";
import { type EmailReader, emailTrace } from "./trace_view/mod.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const PATH = `/api/traces/${TRACE_ID}`;
const SPANS: readonly ZipkinSpan[] = [
  { traceId: TRACE_ID, id: "a2fb4a1d1a96d312", name: "schedule-email", timestamp: 1, duration: 2 },
];

Deno.test("GET /api/traces/{id} answers state and spans of an email", async () => {
  await using app = startTestApp({
    emails: readerOf({ status: "found", spans: SPANS, omittedSpanCount: 0 }),
  });
  const response = await app.request(PATH);

  equal(response.status, 200);
  equal(response.headers.get("cache-control"), "no-store");
  const { rows, picture, diagram, emails, ...trace } = emailTrace.parse(await response.json());
  deepEqual(emails.map(({ spanId, state }) => [spanId, state.name]), [[SPANS[0]?.id, "queued"]]);
  deepEqual(trace, {
    traceId: TRACE_ID,
    traceUrl: TRACE_URL,
    state: { name: "queued" },
    spans: SPANS,
  });
  deepEqual(rows.map(({ name, depth }) => ({ name, depth })), [
    { name: "schedule-email", depth: 0 },
  ]);
  equal(picture.totalUs, 2);
  deepEqual(diagram.edges[0]?.rowKeys, rows.map(({ key }) => key));
});

for (
  const { what, result, status, retryAfter, detail } of [
    { what: "an unknown trace", result: { status: "unknown" }, status: 404, retryAfter: null },
    {
      what: "a collector that cannot be asked",
      result: { status: "unavailable", reason: "it answered 500" },
      status: 503,
      retryAfter: "5",
      detail: /it answered 500/,
    },
    { what: "no collector", status: 503, retryAfter: null, detail: /ZIPKIN_URL/ },
  ] as const
) {
  Deno.test(`GET /api/traces/{id} answers ${status} to ${what}`, async () => {
    await using app = startTestApp(result === undefined ? {} : { emails: readerOf(result) });
    const response = await app.request(PATH);
    equal(response.headers.get("retry-after"), retryAfter);
    match((await problemOf(response, status)).detail, detail ?? /./);
  });
}

const SHORT_ID = TRACE_ID.slice(16);
const EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";
const QUESTIONS: readonly (readonly [path: string, asked: readonly (string | undefined)[]])[] = [
  // A trace id of 64 bits in both spellings.
  [SHORT_ID, [SHORT_ID.padStart(32, "0"), undefined]],
  [SHORT_ID.padStart(32, "0"), [SHORT_ID.padStart(32, "0"), undefined]],
  [`${TRACE_ID}?email=${EMAIL_ID}`, [TRACE_ID, EMAIL_ID]],
  [`${TRACE_ID}?email=a2fb4a1d1a96d312`, [TRACE_ID, "a2fb4a1d1a96d312"]],
  ...["", "1", TRACE_ID, "%00"].map((id) => [`${TRACE_ID}?email=${id}`, []] as const),
  ...[
    "1",
    TRACE_ID.toUpperCase(),
    TRACE_ID.slice(15),
    "0".repeat(16),
    "0".repeat(32),
    `${TRACE_ID}0`,
    "%00",
    "x".repeat(32),
  ].map((id) => [id, []] as const),
];
for (const [path, question] of QUESTIONS) {
  Deno.test(`GET /api/traces/${path} asks for ${question.join() || "nothing, and answers 400"}`, async () => {
    const asked: (readonly (string | undefined)[])[] = [];
    const emails: EmailReader = {
      recent: () => Promise.reject(new Error("It must not be asked")),
      trace: (...question) => {
        asked.push(question);
        return Promise.resolve({ status: "unknown" });
      },
    };
    await using app = startTestApp({ emails });
    const isAsked = question.length > 0;
    const { detail } = await problemOf(
      await app.request(`/api/traces/${path}`),
      isAsked ? 404 : 400,
    );
    if (isAsked) match(detail, path.includes("?") ? /^Cannot show the email: / : /the trace: /);
    deepEqual(asked, isAsked ? [question] : []);
  });
}
