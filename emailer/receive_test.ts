import { deepEqual, equal } from "node:assert/strict";
import { deliveredMessage, type MessageContents } from "@playground/shared/testing";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { createReceiver } from "./receive.ts";

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

/** Receives one delivery, which is delivered, at a time that stands still; returns the spans. */
async function spansOf(contents: MessageContents) {
  await using test = startTestTracing({
    serviceName: "emailer",
    clock: { nowMicroseconds: () => NOW_MICROSECONDS },
  });
  const receive = createReceiver({
    tracing: test.tracing,
    node: () => ({ hostname: "broker.example", port: 5672 }),
    deliver: () => Promise.resolve({ outcome: "delivered" }),
    traceThroughSmtp: "link",
    maxAttempts: 6,
    now: () => NOW_MICROSECONDS / 1000,
  });
  await receive(deliveredMessage(contents), new AbortController().signal);
  return test.exporter;
}

Deno.test("receive() reports the broker's half under the ids of the publisher's", async () => {
  const spans = await spansOf({
    headers: { ...B3, "x-published-at-us": String(NOW_MICROSECONDS - 5_000) },
    properties: { messageId: EMAIL_ID, appId: "message-server/1.2.3" },
  });
  const { tags, ...span } = spans.getZipkinSpan("amqp-publish");
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

Deno.test("receive() gives the broker's half no parent when the message names none", async () => {
  const { "X-B3-ParentSpanId": _, ...headers } = B3;
  const span = (await spansOf({ headers })).getZipkinSpan("amqp-publish");
  deepEqual([span.traceId, span.id, span.parentId], [TRACE_ID, PUBLISH_SPAN_ID, undefined]);
});

// The first attempt too: an emailer puts a message back that is not to blame.
for (const attempt of [1, 2]) {
  Deno.test(`receive() names the wait of a message amqp-retry that an emailer published for attempt ${attempt}`, async () => {
    const spans = await spansOf({
      headers: {
        ...B3,
        "x-attempt": attempt,
        "x-published-at-us": String(NOW_MICROSECONDS - 1_000_000),
      },
      properties: { appId: "emailer/1.2.3" },
    });
    const span = spans.getZipkinSpan("amqp-retry");
    equal(span.remoteEndpoint?.serviceName, "emailer");
    equal(span.duration, 1_000_000);
    equal(spans.getSpan("emailer").attributes["attempt"], attempt);
    deepEqual(spans.getSpans("amqp-publish"), []);
  });
}

for (
  // The last one is of a publisher whose clock is ahead.
  const published of [
    undefined,
    "yesterday",
    "NaN",
    "-1",
    "1e400",
    "",
    String(NOW_MICROSECONDS + 60_000_000),
  ]
) {
  Deno.test(`receive() lets the broker's half begin at the receipt when it was published at ${JSON.stringify(published)}`, async () => {
    const spans = await spansOf({ headers: { ...B3, "x-published-at-us": published } });
    const { timestamp, duration } = spans.getZipkinSpan("amqp-publish");
    deepEqual([timestamp, duration], [NOW_MICROSECONDS, 1]);
  });
}

for (
  const appId of [
    "Evil Name/1",
    "x".repeat(65),
    "",
    undefined,
    {},
    "messageserver",
    "messageserver/1",
  ]
) {
  Deno.test(`receive() calls the publisher ${JSON.stringify(appId)} the message server`, async () => {
    const spans = await spansOf({ headers: B3, properties: { appId } });
    equal(spans.getZipkinSpan("amqp-publish").remoteEndpoint?.serviceName, "message-server");
  });
}
