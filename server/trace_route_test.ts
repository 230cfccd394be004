import { deepEqual, equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { problemOf, startTestApp } from "./testing/test_app.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const PATH = `/api/traces/${TRACE_ID}`;
const SPANS: readonly ZipkinSpan[] = [
  { traceId: TRACE_ID, id: "a2fb4a1d1a96d312", name: "schedule-email", timestamp: 1, duration: 2 },
];

Deno.test("GET /api/traces/{id} answers state and spans of an email", async () => {
  const asked: string[] = [];
  await using app = startTestApp({
    readSpans: (traceId) => {
      asked.push(traceId);
      return Promise.resolve({ status: "found", spans: SPANS });
    },
  });
  const response = await app.request(PATH);

  equal(response.status, 200);
  deepEqual(await response.json(), {
    traceId: TRACE_ID,
    traceUrl: `http://127.0.0.1:9411/zipkin/traces/${TRACE_ID}`,
    state: { name: "queued" },
    spans: SPANS,
  });
  deepEqual(asked, [TRACE_ID]);
});

Deno.test("GET /api/traces/{id} answers 404 to a trace that the collector does not know", async () => {
  await using app = startTestApp({ readSpans: () => Promise.resolve({ status: "unknown" }) });
  await problemOf(await app.request(PATH), 404);
});

Deno.test("GET /api/traces/{id} answers 503 when the collector cannot be asked", async () => {
  await using app = startTestApp({
    readSpans: () => Promise.resolve({ status: "unavailable", reason: "it answered 500" }),
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
      readSpans: () => Promise.reject(new Error("It must not be asked")),
    });
    await problemOf(await app.request(`/api/traces/${id}`), 400);
  });
}
