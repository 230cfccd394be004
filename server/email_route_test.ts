import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { PublishOutcome } from "@playground/shared/amqp";
import { MAX_REQUEST_BYTES } from "./email_route.ts";
import { DOCUMENT, NEW_ID, problemOf, startTestApp } from "./testing/test_app.ts";

Deno.test("POST /email answers 202 with id, Message-ID and trace", async () => {
  await using app = startTestApp();
  const response = await app.post(DOCUMENT);

  equal(response.status, 202);
  match(response.headers.get("content-type") ?? "", /^application\/json\b/);
  const traceId = app.spans.getSpan("schedule-email").spanContext().traceId;
  deepEqual(await response.json(), {
    id: NEW_ID,
    messageId: `<${NEW_ID}@playground.invalid>`,
    traceId,
    traceUrl: `http://127.0.0.1:9411/zipkin/traces/${traceId}`,
  });
});

Deno.test("POST /email publishes the document as a persistent, mandatory message", async () => {
  await using app = startTestApp();
  await app.post(DOCUMENT);

  const [publication, ...others] = app.published;
  ok(publication);
  deepEqual(others, []);
  equal(publication.exchange, "rpc");
  equal(publication.routingKey, "send.email");
  deepEqual(JSON.parse(new TextDecoder().decode(publication.content)), DOCUMENT);
  const { headers, ...options } = publication.options;
  deepEqual(options, {
    persistent: true,
    mandatory: true,
    contentType: "application/json",
    appId: "message-server/test",
    messageId: NEW_ID,
    timestamp: 1_700_000_000,
  });
  const span = app.spans.getSpan("amqp-publish").spanContext();
  equal(headers?.["x-attempt"], 1);
  equal(headers?.["x-mail-message-id"], `<${NEW_ID}@playground.invalid>`);
  equal(headers?.["X-B3-SpanId"], span.spanId);
  equal(
    headers?.["X-B3-ParentSpanId"],
    app.spans.getSpan("schedule-email").spanContext().spanId,
  );
  match(headers?.["x-published-at-us"], /^\d{16}$/);
});

Deno.test("POST /email drops members that the schema does not know", async () => {
  await using app = startTestApp();
  const response = await app.post({
    ...DOCUMENT,
    sender: { ...DOCUMENT.sender, age: 42 },
    priority: "high",
  });

  equal(response.status, 202);
  deepEqual(JSON.parse(new TextDecoder().decode(app.published[0]?.content)), DOCUMENT);
});

for (
  const contentType of [
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/vnd.example.email+json",
  ]
) {
  Deno.test(`POST /email takes the content type ${contentType}`, async () => {
    await using app = startTestApp();
    equal((await app.post(DOCUMENT, { "content-type": contentType })).status, 202);
  });
}

Deno.test("POST /email takes JSON that does not say what it is", async () => {
  await using app = startTestApp();
  const body = new TextEncoder().encode(JSON.stringify(DOCUMENT));
  equal((await app.request("/email", { method: "POST", body })).status, 202);
});

for (
  const contentType of ["text/plain", "application/x-www-form-urlencoded", "json", "text/json"]
) {
  Deno.test(`POST /email answers 415 to the content type ${contentType}`, async () => {
    await using app = startTestApp();
    await problemOf(await app.post(DOCUMENT, { "content-type": contentType }), 415);
    deepEqual(app.published, []);
  });
}

for (const body of ["", "{", "{'a': 1}", `${JSON.stringify(DOCUMENT)}x`, "undefined", "\0"]) {
  Deno.test(`POST /email answers 400 to ${JSON.stringify(body.slice(-12))}`, async () => {
    await using app = startTestApp();
    const { detail } = await problemOf(await app.postBody(body), 400);

    match(detail, /^Cannot read the email: it is not valid JSON; send one JSON document in UTF-8$/);
    deepEqual(app.published, []);
  });
}

Deno.test("POST /email answers 400 to what is not UTF-8", async () => {
  await using app = startTestApp();
  const body = new TextEncoder().encode(JSON.stringify(DOCUMENT));
  body[body.indexOf("H".charCodeAt(0))] = 0xff;
  const { detail } = await problemOf(await app.postBody(body), 400);

  match(detail, /it is not valid UTF-8/);
});

Deno.test("POST /email repeats no part of a document that it cannot read", async () => {
  await using app = startTestApp();
  const response = await app.postBody(`{"body": "my secret" oops}`);

  equal((await response.text()).includes("secret"), false);
  equal(JSON.stringify(app.spans.getSpan("schedule-email").status).includes("secret"), false);
});

Deno.test("POST /email answers 422 with a pointer to everything that is wrong", async () => {
  await using app = startTestApp();
  const { errors } = await problemOf(
    await app.post({
      sender: { address: "alice" },
      recipient: { address: "bob@example.org", display: "Bob\r\nBcc: eve@example.com" },
      subject: "x".repeat(999),
    }),
    422,
  );

  deepEqual(errors?.map(({ pointer }) => pointer), [
    "/sender/address",
    "/recipient/display",
    "/subject",
    "/body",
  ]);
  ok(errors?.every(({ detail }) => detail.startsWith("must ")));
  deepEqual(app.published, []);
});

for (const value of [null, [], 42, "text", {}]) {
  Deno.test(`POST /email answers 422 to the document ${JSON.stringify(value)}`, async () => {
    await using app = startTestApp();
    await problemOf(await app.post(value), 422);
  });
}

Deno.test("POST /email answers 422 to JSON that is nested without end", async () => {
  await using app = startTestApp();
  const depth = 100_000;
  await problemOf(await app.postBody("[".repeat(depth) + "]".repeat(depth)), 422);
});

Deno.test("POST /email answers 413 to a request that says it is too large", async () => {
  await using app = startTestApp();
  const response = await app.request("/email", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": String(MAX_REQUEST_BYTES + 1),
    },
    body: "{}",
  });

  await problemOf(response, 413);
});

/** A request of so many bytes that does not say how many. */
function streamOf(sizeBytes: number): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(65_536).fill(" ".charCodeAt(0));
  let left = sizeBytes;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const size = Math.min(left, chunk.length);
      left -= size;
      controller.enqueue(chunk.slice(0, size));
    },
  });
}

Deno.test("POST /email answers 413 to a stream that is too large", async () => {
  await using app = startTestApp();
  await problemOf(await app.postBody(streamOf(MAX_REQUEST_BYTES + 1)), 413);
});

Deno.test("POST /email reads a stream of the largest size", async () => {
  await using app = startTestApp();
  // It is blank, hence not JSON, but it was read.
  await problemOf(await app.postBody(streamOf(MAX_REQUEST_BYTES)), 400);
});

Deno.test("POST /email takes the largest body, escaped as wastefully as JSON allows", async () => {
  await using app = startTestApp();
  const escaped = "\\u0041".repeat(1_048_576);
  const json = JSON.stringify({ ...DOCUMENT, body: "?" }).replace('"?"', `"${escaped}"`);
  equal((await app.postBody(json)).status, 202);
});

const outcomes: readonly [outcome: PublishOutcome, detail: RegExp][] = [
  [{ status: "returned" }, /returned the message: no queue is bound/],
  [{ status: "rejected" }, /rejected the message/],
  [{ status: "unconfirmed", timeoutMs: 5_000 }, /did not confirm the message within 5000 ms/],
  [{ status: "blocked", reason: "low on disk" }, /takes no messages for now: low on disk/],
  [{ status: "disconnected", reason: "there is no connection" }, /cannot be reached/],
];
for (const [outcome, detail] of outcomes) {
  Deno.test(`POST /email answers 503 when the publish is ${outcome.status}`, async () => {
    await using app = startTestApp({ outcome: () => outcome });
    const response = await app.post(DOCUMENT);

    equal(response.headers.get("retry-after"), "5");
    match((await problemOf(response, 503)).detail, detail);
    const span = app.spans.getSpan("schedule-email");
    equal(span.status.code, SpanStatusCode.ERROR);
    match(span.status.message ?? "", detail);
    equal(app.spans.getSpan("amqp-publish").status.code, SpanStatusCode.ERROR);
  });
}

Deno.test("POST /email answers 500 without a stack when the server fails", async () => {
  await using app = startTestApp({
    outcome: () => {
      throw new TypeError("secret detail of the implementation");
    },
  });
  const response = await app.post(DOCUMENT);
  const problem = await problemOf(response, 500);

  equal(JSON.stringify(problem).includes("secret detail"), false);
  equal(app.spans.getSpan("schedule-email").attributes["http.status_code"], 500);
});

/** The id under which an email was accepted. */
async function idOf(response: Response): Promise<string> {
  equal(response.status, 202);
  const { id }: { id: string } = await response.json();
  return id;
}

Deno.test("POST /email gives the same id to the same key and document", async () => {
  await using app = startTestApp();
  const headers = { "Idempotency-Key": "order-42" };
  const [first, again] = [await app.post(DOCUMENT, headers), await app.post(DOCUMENT, headers)];

  const id = await idOf(first);
  equal(await idOf(again), id);
  match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8/);
  deepEqual(app.published.map(({ options }) => options.messageId), [id, id]);
  equal(
    app.published[0]?.options.headers?.["x-mail-message-id"],
    app.published[1]?.options.headers?.["x-mail-message-id"],
  );
});

Deno.test("POST /email does not let unknown members change the id of a key", async () => {
  await using app = startTestApp();
  const headers = { "Idempotency-Key": "order-42" };
  equal(
    await idOf(await app.post({ ...DOCUMENT, sentBy: "retry 2" }, headers)),
    await idOf(await app.post(DOCUMENT, headers)),
  );
});

Deno.test("POST /email gives another id to another document or key", async () => {
  await using app = startTestApp();
  const id = await idOf(await app.post(DOCUMENT, { "Idempotency-Key": "order-42" }));

  notEqual(await idOf(await app.post(DOCUMENT, { "Idempotency-Key": "order-43" })), id);
  notEqual(
    await idOf(await app.post({ ...DOCUMENT, body: "Bye" }, { "Idempotency-Key": "order-42" })),
    id,
  );
});

for (const key of ["", "two words", "umlautä", "x".repeat(256)]) {
  Deno.test(`POST /email answers 400 to the Idempotency-Key "${key.slice(0, 12)}"`, async () => {
    await using app = startTestApp();
    const { detail } = await problemOf(await app.post(DOCUMENT, { "Idempotency-Key": key }), 400);

    match(detail, /^Cannot use the Idempotency-Key/);
    deepEqual(app.published, []);
  });
}

Deno.test("POST /email takes the longest Idempotency-Key", async () => {
  await using app = startTestApp();
  equal((await app.post(DOCUMENT, { "Idempotency-Key": "~".repeat(255) })).status, 202);
});

Deno.test("POST /email is a server span that is the parent of its publish", async () => {
  await using app = startTestApp();
  await app.post(DOCUMENT);

  const request = app.spans.getSpan("schedule-email");
  equal(request.kind, SpanKind.SERVER);
  equal(request.parentSpanContext, undefined);
  const publish = app.spans.getSpan("amqp-publish");
  equal(publish.parentSpanContext?.spanId, request.spanContext().spanId);
});

Deno.test("postEmail() leaves the trace's address out where there is no collector", async () => {
  await using test = startTestApp({ traceUrl: () => undefined });
  const response = await test.post(DOCUMENT);
  equal(response.status, 202);
  deepEqual(Object.keys(await response.json()), ["id", "messageId", "traceId"]);
});
