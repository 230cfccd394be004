import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { deliveredMessage, type MessageContents } from "@playground/shared/testing";
import { startTestTracing, type TestTracing } from "@playground/shared/testing/telemetry";
import type { QueuedMessage } from "./queued_email.ts";
import { createReceiver } from "./receive.ts";
import type { Disposition } from "./republish.ts";

const EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";
const TRACE_ID = "463ac35c9f6413ad48485a3953bb6124";
const PUBLISH_SPAN_ID = "a2fb4a1d1a96d312";
const SCHEDULE_SPAN_ID = "0020000000000001";
const NOW_MICROSECONDS = 1_795_523_696_123_456;

const B3 = {
  "X-B3-TraceId": TRACE_ID,
  "X-B3-SpanId": PUBLISH_SPAN_ID,
  "X-B3-ParentSpanId": SCHEDULE_SPAN_ID,
  "X-B3-Sampled": "1",
} as const;

/** Tracing at a time that stands still. */
function startTracing(): TestTracing {
  return startTestTracing({
    serviceName: "emailer",
    clock: { nowMicroseconds: () => NOW_MICROSECONDS },
  });
}

/** Receives one delivery; returns what was read and what came of it. */
async function receive(
  { tracing }: TestTracing,
  options: MessageContents,
  disposition: Disposition | Error = { outcome: "delivered" },
) {
  const messages: QueuedMessage[] = [];
  const receiver = createReceiver({
    tracing,
    node: () => ({ hostname: "broker.example", port: 5672 }),
    deliver: (message) => {
      messages.push(message);
      return disposition instanceof Error
        ? Promise.reject(disposition)
        : Promise.resolve(disposition);
    },
    traceThroughSmtp: "link",
    maxAttempts: 6,
    now: () => NOW_MICROSECONDS / 1000,
  });
  return {
    result: await receiver(deliveredMessage(options), new AbortController().signal),
    messages,
  };
}

Deno.test("receive() reports the broker's half under the ids of the publisher's", async () => {
  await using test = startTracing();
  await receive(test, {
    headers: { ...B3, "x-published-at-us": String(NOW_MICROSECONDS - 5_000) },
    properties: { messageId: EMAIL_ID, appId: "message-server/1.2.3" },
  });
  const { tags, ...span } = test.exporter.getZipkinSpan("amqp-publish");
  deepEqual(span, {
    traceId: TRACE_ID,
    id: PUBLISH_SPAN_ID,
    parentId: SCHEDULE_SPAN_ID,
    name: "amqp-publish",
    kind: "CONSUMER",
    timestamp: NOW_MICROSECONDS - 5_000,
    duration: 5_000,
    localEndpoint: { serviceName: "rabbitmq" },
    remoteEndpoint: { serviceName: "message-server" },
  });
  equal(tags?.["amqp.exchange"], "rpc");
  equal(tags?.["amqp.routing_key"], "send.email");
  equal(tags?.["broker.address"], "broker.example");
  equal(tags?.["messaging.message.id"], EMAIL_ID);
});

Deno.test("receive() puts the emailer span below the publish", async () => {
  await using test = startTracing();
  const { result, messages } = await receive(test, {
    headers: { ...B3, "x-attempt": "1" },
    properties: { messageId: EMAIL_ID },
  });
  deepEqual(result, { outcome: "delivered" });
  equal(messages.length, 1);
  const span = test.exporter.getSpan("emailer");
  equal(span.kind, SpanKind.SERVER);
  equal(span.spanContext().traceId, TRACE_ID);
  equal(span.parentSpanContext?.spanId, PUBLISH_SPAN_ID);
  equal(span.status.code, SpanStatusCode.UNSET);
  const { attributes } = span;
  equal(attributes["correlation_id"], EMAIL_ID);
  equal(attributes["attempt"], 1);
  equal(attributes["outcome"], "delivered");
  equal(attributes["trace_through_smtp"], "link");
});

for (
  const disposition of [
    { outcome: "retried", reason: "451 later" },
    { outcome: "dead-lettered", reason: "550 unknown" },
    { outcome: "requeued", reason: "451 later; the broker rejected the message", isSafe: false },
  ] as const
) {
  Deno.test(`receive() shows a message that is ${disposition.outcome} as an error`, async () => {
    await using test = startTracing();
    const { result } = await receive(test, { headers: B3 }, disposition);
    deepEqual(result, disposition);
    const { tags } = test.exporter.getZipkinSpan("emailer");
    equal(tags?.["outcome"], disposition.outcome);
    equal(tags?.["error"], disposition.reason);
  });
}

Deno.test("receive() shows a bug in the delivery as an error and lets it through", async () => {
  await using test = startTracing();
  await rejects(receive(test, { headers: B3 }, new TypeError("a bug")), TypeError);
  equal(test.exporter.getZipkinSpan("emailer").tags?.["error"], "a bug");
});

for (const attempt of [1, 2]) {
  Deno.test(`receive() names the wait of a message amqp-retry that an emailer published for attempt ${attempt}`, async () => {
    await using test = startTracing();
    await receive(test, {
      headers: {
        ...B3,
        "x-attempt": attempt,
        "x-published-at-us": String(NOW_MICROSECONDS - 1_000_000),
      },
      properties: { appId: "emailer/1.2.3" },
    });
    const span = test.exporter.getZipkinSpan("amqp-retry");
    equal(span.remoteEndpoint?.serviceName, "emailer");
    equal(span.duration, 1_000_000);
    equal(test.exporter.getSpan("emailer").attributes["attempt"], attempt);
    deepEqual(test.exporter.getSpans("amqp-publish"), []);
  });
}

Deno.test("receive() takes a foreign message with the four B3 headers alone", async () => {
  await using test = startTracing();
  const { messages } = await receive(test, {
    headers: Object.fromEntries(
      Object.entries(B3).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    properties: { appId: "messageserver" },
  });
  ok(messages[0]?.ok);
  const span = test.exporter.getZipkinSpan("amqp-publish");
  deepEqual([span.traceId, span.id, span.parentId], [TRACE_ID, PUBLISH_SPAN_ID, SCHEDULE_SPAN_ID]);
  // It does not say when it was published.
  deepEqual([span.timestamp, span.duration], [NOW_MICROSECONDS, 1]);
  equal(span.remoteEndpoint?.serviceName, "message-server");
});

Deno.test("receive() starts a trace for a message without headers", async () => {
  await using test = startTracing();
  const { messages } = await receive(test, {});
  ok(messages[0]?.ok);
  deepEqual(test.exporter.spans.map(({ name }) => name), ["emailer"]);
  equal(test.exporter.getSpan("emailer").parentSpanContext, undefined);
});

Deno.test("receive() gives the broker's half no parent when the message names none", async () => {
  await using test = startTracing();
  const { "X-B3-ParentSpanId": _, ...headers } = B3;
  await receive(test, { headers });
  const span = test.exporter.getZipkinSpan("amqp-publish");
  deepEqual([span.traceId, span.id, span.parentId], [TRACE_ID, PUBLISH_SPAN_ID, undefined]);
});

for (
  // The last one is of a publisher whose clock is ahead.
  const published of ["yesterday", "NaN", "-1", "1e400", "", String(NOW_MICROSECONDS + 60_000_000)]
) {
  Deno.test(`receive() lets the broker's half begin at the receipt when it was published at ${JSON.stringify(published)}`, async () => {
    await using test = startTracing();
    await receive(test, { headers: { ...B3, "x-published-at-us": published } });
    const { timestamp, duration } = test.exporter.getZipkinSpan("amqp-publish");
    deepEqual([timestamp, duration], [NOW_MICROSECONDS, 1]);
  });
}

for (const appId of ["Evil Name/1", "x".repeat(65), "", undefined, {}, "messageserver/1"]) {
  Deno.test(`receive() calls the publisher ${JSON.stringify(appId)} the message server`, async () => {
    await using test = startTracing();
    await receive(test, { headers: B3, properties: { appId } });
    equal(
      test.exporter.getZipkinSpan("amqp-publish").remoteEndpoint?.serviceName,
      "message-server",
    );
  });
}

for (
  const [what, headers] of [
    ["B3", { ...B3, "X-B3-Sampled": "0" }],
    ["a B3 root", {
      "X-B3-TraceId": TRACE_ID,
      "X-B3-SpanId": PUBLISH_SPAN_ID,
      "X-B3-Sampled": "0",
    }],
    ["W3C", { traceparent: `00-${TRACE_ID}-${PUBLISH_SPAN_ID}-00` }],
  ] as const
) {
  Deno.test(`receive() reports nothing of a message that ${what} says is not sampled, and delivers it`, async () => {
    await using test = startTracing();
    const { result } = await receive(test, { headers });
    deepEqual(result, { outcome: "delivered" });
    deepEqual(test.exporter.spans, []);
  });
}
