import { deepEqual, equal, match } from "node:assert/strict";
import { SpanStatusCode } from "@opentelemetry/api";
import { DOCUMENT, startTestApp } from "./testing/test_app.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const CALLER_ID = "a2fb4a1d1a96d312";
const CALLER = { "X-B3-TraceId": TRACE_ID, "X-B3-SpanId": CALLER_ID };

function b3Of({ headers }: Response) {
  return {
    traceId: headers.get("X-B3-TraceId"),
    spanId: headers.get("X-B3-SpanId"),
    parentSpanId: headers.get("X-B3-ParentSpanId"),
    sampled: headers.get("X-B3-Sampled"),
    flags: headers.get("X-B3-Flags"),
  };
}

Deno.test("traceRequests() answers with the ids of a trace that starts here", async () => {
  await using app = startTestApp();
  const response = await app.post(DOCUMENT);
  const { traceId, spanId } = app.spans.getSpan("schedule-email").spanContext();
  deepEqual(b3Of(response), { traceId, spanId, parentSpanId: null, sampled: "1", flags: null });
});

Deno.test("traceRequests() continues the caller's trace", async () => {
  await using app = startTestApp({ sampleRatio: 0 });
  const response = await app.post(DOCUMENT, { ...CALLER, "X-B3-Sampled": "1" });
  const span = app.spans.getSpan("schedule-email");
  deepEqual([span.spanContext().traceId, span.parentSpanContext?.spanId], [TRACE_ID, CALLER_ID]);
  deepEqual(b3Of(response), {
    traceId: TRACE_ID,
    spanId: span.spanContext().spanId,
    parentSpanId: CALLER_ID,
    sampled: "1",
    flags: null,
  });
  equal(app.published[0]?.options.headers?.["X-B3-TraceId"], TRACE_ID);
});

Deno.test("traceRequests() reports nothing of a trace that its caller declines", async () => {
  await using app = startTestApp();
  const response = await app.post(DOCUMENT, { b3: "0" });
  equal(response.status, 202);
  equal(b3Of(response).sampled, "0");
  deepEqual(app.spans.spans, []);
  equal(app.published[0]?.options.headers?.["X-B3-Sampled"], "0");
  equal(app.published[0]?.options.headers?.["X-B3-TraceId"], b3Of(response).traceId);
});

Deno.test("traceRequests() tags the span, without the query", async () => {
  await using app = startTestApp();
  await app.request("/email?token=secret", {
    method: "POST",
    headers: { "content-type": "application/json", "x-synthetic": "true" },
    body: JSON.stringify({ ...DOCUMENT, recipient: { address: "Bob.Secret@Example.ORG" } }),
  });
  const { attributes } = app.spans.getSpan("schedule-email");
  equal(/secret/i.test(JSON.stringify(attributes)), false);
  const expected = {
    "peer.address": "127.0.0.2",
    "http.method": "POST",
    "http.url": "http://127.0.0.1:8080/email",
    "url.path": "/email",
    "url.scheme": "http",
    "server.address": "127.0.0.1",
    "recipient.domain": "example.org",
    "user_agent.synthetic.type": "test",
  };
  for (const [name, value] of Object.entries(expected)) equal(attributes[name], value, name);
});

Deno.test("traceRequests() reports the status, and marks an answer from 400 on as an error", async () => {
  await using app = startTestApp();
  await app.post(DOCUMENT);
  await app.post({ ...DOCUMENT, recipient: { address: "bob at example.org" } });

  const [accepted, refused] = app.spans.getSpans("schedule-email");
  equal(accepted?.attributes["http.status_code"], 202);
  equal(accepted?.status.code, SpanStatusCode.UNSET);
  equal(refused?.attributes["http.status_code"], 422);
  equal(refused?.attributes["http.response.status_code"], 422);
  equal(refused?.attributes["recipient.domain"], undefined);
  equal(refused?.status.code, SpanStatusCode.ERROR);
  match(refused?.status.message ?? "", /^422 Invalid email: /);
});

for (const path of ["/", "/email", "/openapi.json"]) {
  Deno.test(`traceRequests() names but never reports GET ${path}`, async () => {
    await using app = startTestApp();
    const response = await app.request(path, { headers: CALLER });
    deepEqual([b3Of(response).traceId, b3Of(response).sampled], [TRACE_ID, "0"]);
    deepEqual(app.spans.spans, []);
  });
}

Deno.test("traceRequests() reports emails that are refused for their token", async () => {
  await using app = startTestApp({ apiToken: "s3cret-t0ken" });
  equal((await app.post(DOCUMENT, { authorization: "Bearer wrong" })).status, 401);
  equal((await app.post(DOCUMENT, { "sec-fetch-site": "cross-site" })).status, 401);
  deepEqual(
    app.spans.getSpans("schedule-email").map(({ attributes }) => attributes["http.status_code"]),
    [401, 401],
  );
});

Deno.test("traceRequests() reports no email of another site, whatever it asks for", async () => {
  await using app = startTestApp();
  const response = await app.post(DOCUMENT, { origin: "http://evil.example", "X-B3-Flags": "1" });
  equal(response.status, 403);
  match(b3Of(response).traceId ?? "", /^[0-9a-f]{32}$/);
  deepEqual(app.spans.spans, []);
});
