import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { PublishOutcome } from "@playground/shared/amqp";
import { EMAIL_ID } from "@playground/shared/email";
import { assertTrace } from "@playground/shared/trace-assertion";
import { MAX_REQUEST_BYTES } from "./email_route.ts";
import { DOCUMENT, problemOf, startTestApp } from "./testing/test_app.ts";

Deno.test("POST /email answers 202 with id, Message-ID and trace", async () => {
  await using app = startTestApp();
  const response = await app.post(DOCUMENT);

  equal(response.status, 202);
  match(response.headers.get("content-type") ?? "", /^application\/json\b/);
  const traceId = app.spans.getSpan("schedule-email").spanContext().traceId;
  const { id, ...others } = await response.json();
  match(id, EMAIL_ID);
  deepEqual(others, {
    messageId: `<${id}@playground.invalid>`,
    traceId,
    traceUrl: `http://127.0.0.1:9411/zipkin/traces/${traceId}`,
    pageUrl: `http://127.0.0.1:8080/#trace=${traceId}&email=${id}`,
  });
});

Deno.test("POST /email publishes the known members as a persistent, mandatory message", async () => {
  await using app = startTestApp();
  const sinceSeconds = Math.floor(Date.now() / 1_000);
  const email = { ...DOCUMENT, sender: { ...DOCUMENT.sender, age: 42 }, priority: "high" };
  const { id: messageId } = await (await app.post(email)).json();

  const [publication, ...others] = app.published;
  ok(publication);
  deepEqual(others, []);
  equal(publication.exchange, "rpc");
  equal(publication.routingKey, "send.email");
  deepEqual(JSON.parse(new TextDecoder().decode(publication.content)), DOCUMENT);
  const { headers, timestamp, ...options } = publication.options;
  ok(Number.isInteger(timestamp) && Number(timestamp) >= sinceSeconds);
  deepEqual(options, {
    persistent: true,
    mandatory: true,
    contentType: "application/json",
    appId: "message-server/test",
    messageId,
  });
  const children = [{ name: "amqp-publish", id: headers?.["X-B3-SpanId"] }];
  const id = headers?.["X-B3-ParentSpanId"];
  assertTrace(app.spans.zipkinSpans, {
    spans: [{ name: "schedule-email", kind: "SERVER", parentId: null, id, children }],
    isWhole: true,
  });
  equal(headers?.["x-attempt"], 1);
  equal(headers?.["x-mail-message-id"], `<${messageId}@playground.invalid>`);
  match(headers?.["x-published-at-us"], /^\d{16}$/);
});

Deno.test.each([
  [202, "content-type", "application/json"],
  [202, "content-type", "Application/JSON; charset=utf-8"],
  [202, "content-type", "application/vnd.example.email+json"],
  [415, "content-type", "text/plain"],
  [415, "content-type", "application/x-www-form-urlencoded"],
  [415, "content-type", "json"],
  [415, "content-type", "text/json"],
  [202, "content-encoding", "identity"],
  [202, "content-encoding", "Identity"],
  [202, "content-encoding", ""],
  [415, "content-encoding", "gzip"],
  [415, "content-encoding", "identity, br"],
  [415, "content-encoding", "GZIP"],
  [415, "content-encoding", "x"],
])('POST /email answers %s to the %s "%s"', async (status, name, value) => {
  await using app = startTestApp();
  const response = await app.post(DOCUMENT, { [name]: value });
  equal(app.published.length, status === 202 ? 1 : 0);
  if (status === 202) return equal(response.status, status);
  equal(response.headers.get("accept-encoding"), name === "content-encoding" ? "identity" : null);
  await problemOf(response, status);
});

const NOT_UTF8 = new TextEncoder().encode(JSON.stringify(DOCUMENT));
NOT_UTF8[NOT_UTF8.indexOf("H".charCodeAt(0))] = 0xff;
Deno.test.each([
  ["nothing", "", "it is not valid JSON"],
  ["other quotes", "{'body': 'secret'}", "it is not valid JSON"],
  ["text behind the end", `${JSON.stringify(DOCUMENT)}x`, "it is not valid JSON"],
  ["what is not UTF-8", NOT_UTF8, "it is not valid UTF-8"],
])("POST /email answers 400 to %s, and repeats nothing of it", async (_name, body, reason) => {
  await using app = startTestApp();
  const { detail } = await problemOf(await app.postBody(body), 400);
  equal(detail, `Cannot read the email: ${reason}; send one JSON document in UTF-8`);
  assertTrace(app.spans.zipkinSpans, [{ name: "schedule-email", error: RegExp(`: ${reason};`) }]);
  deepEqual(app.published, []);
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

for (const json of ["null", "[]", "42", '"text"', "{}", "[".repeat(1e5) + "]".repeat(1e5)]) {
  Deno.test(`POST /email answers 422 to the document ${json.slice(0, 10)}`, async () => {
    await using app = startTestApp();
    await problemOf(await app.postBody(json), 422);
  });
}

/** A request of this many blanks without a length. */
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

Deno.test("POST /email answers 413 to a body that is too large, with or without a length", async () => {
  await using app = startTestApp();
  const headers = { "content-length": String(MAX_REQUEST_BYTES + 1) };
  await problemOf(await app.post({}, headers), 413);
  await problemOf(await app.postBody(streamOf(MAX_REQUEST_BYTES + 1)), 413);
  // The largest one is not JSON, but is read.
  await problemOf(await app.postBody(streamOf(MAX_REQUEST_BYTES)), 400);
});

Deno.test("POST /email takes the largest body, escaped as wastefully as JSON allows", async () => {
  await using app = startTestApp();
  const escaped = "\\u0041".repeat(1_048_576);
  const json = JSON.stringify({ ...DOCUMENT, body: "?" }).replace('"?"', `"${escaped}"`);
  equal((await app.postBody(json)).status, 202);
});

Deno.test.each<readonly [outcome: PublishOutcome, detail: RegExp]>([
  [{ status: "returned" }, /returned the message: no queue is bound/],
  [{ status: "rejected" }, /rejected the message/],
  [{ status: "unconfirmed", timeoutMs: 5_000 }, /did not confirm the message within 5000 ms/],
  [{ status: "blocked", reason: "low on disk" }, /takes no messages for now: low on disk/],
  [{ status: "disconnected", reason: "there is no connection" }, /cannot be reached/],
])("POST /email answers 503 when the publish is %j", async (outcome, detail) => {
  await using app = startTestApp({ outcome: () => outcome });
  const response = await app.post(DOCUMENT);

  equal(response.headers.get("retry-after"), "5");
  match((await problemOf(response, 503)).detail, detail);
  assertTrace(app.spans.zipkinSpans, [
    { name: "schedule-email", error: detail },
    { name: "amqp-publish", isFailed: true },
  ]);
});

Deno.test("POST /email gives one id to one key and document, and another to another", async () => {
  await using app = startTestApp();
  const idOf = async (document: object, key: string): Promise<string> => {
    const response = await app.post(document, { "Idempotency-Key": key });
    equal(response.status, 202);
    return (await response.json()).id;
  };
  const id = await idOf(DOCUMENT, "order-42");
  match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8/);
  equal(await idOf(DOCUMENT, "order-42"), id);
  equal(await idOf({ ...DOCUMENT, unknown: "retry 2" }, "order-42"), id);
  for (const { options: { messageId, headers } } of app.published) {
    deepEqual([messageId, headers?.["x-mail-message-id"]], [id, `<${id}@playground.invalid>`]);
  }
  notEqual(await idOf(DOCUMENT, "order-43"), id);
  notEqual(await idOf({ ...DOCUMENT, body: "Bye" }, "order-42"), id);
});

Deno.test("POST /email leaves the addresses of the trace out where there is no collector", async () => {
  await using app = startTestApp({ traceUrl: () => undefined });
  const response = await app.post(DOCUMENT);
  equal(response.status, 202);
  deepEqual(Object.keys(await response.json()), ["id", "messageId", "traceId"]);
});
