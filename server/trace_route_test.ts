import { deepEqual, equal, match, ok } from "node:assert/strict";
import { SKEWED_TRACE, threadMs } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { problemOf, readerOf, startTestApp, type TestApp, TRACE_URL } from "./testing/test_app.ts";
import { emailTrace } from "./trace_view/mod.ts";

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
  deepEqual(diagram?.edges[0]?.rowKeys, rows.map(({ key }) => key));
});

const SHORT_ID = TRACE_ID.slice(16);
const EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";
const QUESTIONS: readonly (readonly [path: string, asked: readonly (string | undefined)[]])[] = [
  // A trace id of 64 bits in both spellings.
  [SHORT_ID, [SHORT_ID.padStart(32, "0"), undefined]],
  [SHORT_ID.padStart(32, "0"), [SHORT_ID.padStart(32, "0"), undefined]],
  [`${TRACE_ID}?email=${EMAIL_ID}`, [TRACE_ID, EMAIL_ID]],
  [`${TRACE_ID}?email=a2fb4a1d1a96d312`, [TRACE_ID, "a2fb4a1d1a96d312"]],
  ...["", "1", TRACE_ID, "%00"].map((id) => [`${TRACE_ID}?email=${id}`, []] as const),
];
for (const [path, question] of QUESTIONS) {
  Deno.test(`GET /api/traces/${path} asks for ${question.join() || "nothing, and answers 400"}`, async () => {
    const emails = readerOf({ status: "unknown" });
    await using app = startTestApp({ emails });
    const isAsked = question.length > 0;
    const { detail } = await problemOf(
      await app.request(`/api/traces/${path}`),
      isAsked ? 404 : 400,
    );
    if (isAsked) match(detail, path.includes("?") ? /^Cannot show the email: / : /the trace: /);
    deepEqual(emails.asked, isAsked ? [question] : []);
  });
}

const post = (app: TestApp, body: BodyInit) =>
  app.request("/api/traces", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

Deno.test("POST /api/traces answers as GET does, for a list and for a list of lists", async () => {
  await using app = startTestApp();
  for (const spans of [SPANS, [SPANS]]) {
    const response = await post(app, JSON.stringify(spans));
    equal(response.status, 200);
    equal(response.headers.get("cache-control"), "no-store");
    const trace = emailTrace.parse(await response.json());
    deepEqual(
      [trace.traceId, trace.traceUrl, trace.state, trace.rows.length, trace.emails.length],
      [TRACE_ID, undefined, { name: "queued" }, 1, 1],
    );
    deepEqual(trace.spans, SPANS);
  }
});

Deno.test("POST /api/traces invents no email in a trace of other services", async () => {
  await using app = startTestApp();
  const response = await post(app, JSON.stringify(SKEWED_TRACE));
  const { state, diagram, emails, rows } = emailTrace.parse(await response.json());
  deepEqual([state, diagram, emails], [undefined, undefined, []]);
  deepEqual(rows.map(({ name, depth }) => [name, depth]), [["get", 0], ["work", 1]]);
});

Deno.test.each([
  ["nothing", "", /it is not a whole list of spans in JSON/],
  ["no JSON", "hello", /it is not a whole list of spans in JSON/],
  ["half a list", '[{"traceId":"1","id":"1"}', /it is not a whole list/],
  ["an object", '{"traceId":"1","id":"1"}', /it is not a whole list/],
  ["no span", "[[], []]", /it has no spans/],
  ["spans among others", '[{"traceId":"1","id":"1"}, 1, "2"]', /it is not a whole list/],
  ["a span without an id", '[{"traceId":"1"}]', /span 1 is not Zipkin's: id: /],
  ["a wrong type", '[{"traceId":"1","id":"1","timestamp":"now"}]', /timestamp: /],
  ["tags that are no texts", '[{"traceId":"1","id":"1","tags":{"a":{}}}]', /tags\.a: /],
  ["a kind that there is not", '[{"traceId":"1","id":"1","kind":"ODD"}]', /kind: /],
])("POST /api/traces answers 400 to %s, and says why", async (_what, body, reason) => {
  await using app = startTestApp();
  match((await problemOf(await post(app, body), 400)).detail, reason);
});

Deno.test("POST /api/traces answers 413 to more than it reads", async () => {
  await using app = startTestApp();
  await problemOf(await post(app, new Uint8Array(9 * 1024 * 1024)), 413);
});

const span = (id: number, facts: object = {}) => ({ traceId: "1", id: String(id), ...facts });
const LATE_US = Math.floor(Number.MAX_SAFE_INTEGER / 2);
const LONG_TEXT = "x".repeat(7_000);
Deno.test.each([
  ["times beyond any clock", [
    span(1, { name: "schedule-email", timestamp: 1e300, duration: 1e300 }),
    span(2, { name: "emailer", timestamp: -1, duration: Number.MAX_SAFE_INTEGER }),
    span(3, { timestamp: Number.MAX_SAFE_INTEGER, duration: Number.MAX_SAFE_INTEGER }),
  ]],
  ["clocks that differ by more than a century", [
    span(1, { timestamp: 0, duration: 1 }),
    span(2, { kind: "CLIENT", timestamp: LATE_US, duration: LATE_US }),
    span(2, { kind: "SERVER", timestamp: 0, duration: 1, localEndpoint: { serviceName: "b" } }),
    span(3, { parentId: "2", timestamp: LATE_US, localEndpoint: { serviceName: "b" } }),
  ]],
  ["a circle of parents", [span(1, { parentId: "2" }), span(2, { parentId: "1" })]],
  ["a span that is its own parent", [span(1, { parentId: "1", name: "emailer" })]],
  ["one id for all spans", Array.from({ length: 5_000 }, () => span(1, { timestamp: 1 }))],
  ["empty ids", [{ traceId: "", id: "", parentId: "" }]],
  [
    "100,000 spans in a chain",
    Array.from({ length: 100_000 }, (_, id) => span(id, { parentId: String(id - 1) })),
  ],
  [
    "a chain in which each fails for a reason within that of the one above",
    Array.from({ length: 1_000 }, (_, id) =>
      span(id, {
        parentId: String(id - 1),
        timestamp: id + 1,
        tags: { error: LONG_TEXT.slice(id) + "y".repeat(id % 2) },
      })),
  ],
])("POST /api/traces draws %s, without stalling", async (_what, spans) => {
  await using app = startTestApp();
  const startMs = threadMs();
  const response = await post(app, JSON.stringify(spans));
  equal(response.status, 200);
  const { rows } = emailTrace.parse(await response.json());
  ok(rows.length > 0 && rows.length <= 1_000);
  ok(threadMs() - startMs < 20_000, `${threadMs() - startMs} ms`);
});

Deno.test("POST /api/traces makes whole microseconds of all times", async () => {
  await using app = startTestApp();
  const times = [1.5, -1, 1e-300, 1e300, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER / 2];
  const spans = times.flatMap((timestamp) =>
    times.map((duration) => ({
      ...span(timestamp + duration, { timestamp, duration }),
      annotations: [{ timestamp: duration, value: "log" }],
    }))
  );
  const response = await post(app, JSON.stringify(spans));
  emailTrace.parse(await response.json());
});
