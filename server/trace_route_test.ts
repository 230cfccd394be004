import { deepEqual, equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { problemOf, readerOf, startTestApp, TRACE_URL } from "./testing/test_app.ts";
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
  const { rows, diagram, ...trace } = emailTrace.parse(await response.json());
  deepEqual(trace, {
    traceId: TRACE_ID,
    traceUrl: TRACE_URL,
    state: { name: "queued" },
    spans: SPANS,
  });
  deepEqual(rows.map(({ name, depth }) => ({ name, depth })), [
    { name: "schedule-email", depth: 0 },
  ]);
  deepEqual(diagram.edges[0]?.rowKeys, rows.map(({ key }) => key));
});

Deno.test("GET /api/traces/{id} answers 404 to a trace that the collector does not know", async () => {
  await using app = startTestApp({ emails: readerOf({ status: "unknown" }) });
  await problemOf(await app.request(PATH), 404);
});

Deno.test("GET /api/traces/{id} answers 503 when the collector cannot be asked", async () => {
  await using app = startTestApp({
    emails: readerOf({ status: "unavailable", reason: "it answered 500" }),
  });
  const response = await app.request(PATH);

  match(response.headers.get("retry-after") ?? "", /^\d+$/);
  match((await problemOf(response, 503)).detail, /it answered 500/);
});

Deno.test("GET /api/traces/{id} answers 503 and what to set where there is no collector", async () => {
  await using app = startTestApp();
  match((await problemOf(await app.request(PATH), 503)).detail, /ZIPKIN_URL/);
});

for (
  const id of [
    "1",
    TRACE_ID.toUpperCase(),
    TRACE_ID.slice(16),
    `${TRACE_ID}0`,
    "%00",
    "x".repeat(32),
  ]
) {
  Deno.test(`GET /api/traces/${id} answers 400 and asks nobody`, async () => {
    await using app = startTestApp({
      emails: {
        recent: () => Promise.reject(new Error("It must not be asked")),
        trace: () => Promise.reject(new Error("It must not be asked")),
      },
    });
    await problemOf(await app.request(`/api/traces/${id}`), 400);
  });
}
