import { deepEqual, equal, notEqual } from "node:assert/strict";
import { context } from "@opentelemetry/api";
import { deliveredMessage, type MessageContents } from "@playground/shared/testing";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { traceHeaders } from "@playground/shared/tracing";
import { createReceiver } from "./receive.ts";
import type { Disposition } from "./republish.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3953bb6124";
const PUBLISH_SPAN_ID = "a2fb4a1d1a96d312";
const NOW_MICROSECONDS = 1_795_523_696_123_456;

const B3 = {
  "X-B3-TraceId": TRACE_ID,
  "X-B3-SpanId": PUBLISH_SPAN_ID,
  "X-B3-ParentSpanId": "0020000000000001",
  "X-B3-Sampled": "1",
} as const;

interface Settings {
  readonly linksRetries?: boolean;
  readonly sampleRatio?: number;
  readonly onDeliver?: () => void;
  /** @default delivered */
  readonly disposition?: Disposition;
}

/** Receives one delivery at a fixed time; returns the spans. */
async function spansOf(
  contents: MessageContents,
  { linksRetries = false, sampleRatio = 1, onDeliver, disposition = { outcome: "delivered" } }:
    Settings = {},
) {
  await using test = startTestTracing({
    serviceName: "emailer",
    sampleRatio,
    clock: { nowMicroseconds: () => NOW_MICROSECONDS },
  });
  const receive = createReceiver({
    tracing: test.tracing,
    node: () => ({ hostname: "broker.example", port: 5672 }),
    deliver: () => {
      onDeliver?.();
      return Promise.resolve(disposition);
    },
    traceThroughSmtp: "link",
    linksRetries,
    maxAttempts: 6,
  });
  await receive(deliveredMessage(contents), new AbortController().signal);
  return test.exporter;
}

Deno.test("receive() gives the broker's half no parent when the message names none", async () => {
  const { "X-B3-ParentSpanId": _, ...headers } = B3;
  const span = (await spansOf({ headers })).getZipkinSpan("amqp-publish");
  deepEqual([span.traceId, span.id, span.parentId], [TRACE_ID, PUBLISH_SPAN_ID, undefined]);
});

// The first attempt too: an emailer requeues a message that is not at fault.
Deno.test.each([1, 2])(
  "receive() names the wait of a message amqp-retry that an emailer published for attempt %s",
  async (attempt) => {
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
  },
);

const AHEAD_OF_OUR_CLOCK = String(NOW_MICROSECONDS + 60_000_000);

Deno.test.each([undefined, "yesterday", "-1", "1e400", "", AHEAD_OF_OUR_CLOCK])(
  "receive() lets the broker's half begin at the receipt when it was published at %j",
  async (published) => {
    const spans = await spansOf({ headers: { ...B3, "x-published-at-us": published } });
    const { timestamp, duration } = spans.getZipkinSpan("amqp-publish");
    deepEqual([timestamp, duration], [NOW_MICROSECONDS, 1]);
  },
);

Deno.test.each(["Evil Name/1", "x".repeat(65), "", undefined, {}, "messageserver/1"])(
  "receive() calls the publisher %j the message server",
  async (appId) => {
    const spans = await spansOf({ headers: B3, properties: { appId } });
    equal(spans.getZipkinSpan("amqp-publish").remoteEndpoint?.serviceName, "message-server");
  },
);

Deno.test("receive() marks the span of an email failed that is not delivered", async () => {
  const disposition = { outcome: "retried", reason: "451 later" } as const;
  const { tags } = (await spansOf({ headers: B3 }, { disposition })).getZipkinSpan("emailer");
  deepEqual([tags?.outcome, tags?.error], ["retried", "451 later"]);
});

const RETRY = { properties: { appId: "emailer/1.2.3" } } as const;

Deno.test("receive() with linksRetries links a trace of its own with the publish, in both directions", async () => {
  const exporter = await spansOf({ headers: B3, ...RETRY }, { linksRetries: true });
  const [emailer, retry] = ["emailer", "amqp-retry"].map((name) => exporter.getSpan(name));
  const next = emailer?.spanContext();
  notEqual(next?.traceId, TRACE_ID);
  equal(emailer?.parentSpanContext, undefined);
  deepEqual(emailer?.links.map(({ context }) => context.spanId), [PUBLISH_SPAN_ID]);
  equal(emailer?.attributes["origin.trace_id"], TRACE_ID);
  equal(emailer?.attributes["origin.span_id"], PUBLISH_SPAN_ID);

  deepEqual(retry?.spanContext().traceId, TRACE_ID);
  deepEqual(retry?.links.map(({ context }) => context.spanId), [next?.spanId]);
  equal(retry?.attributes["retry.trace_id"], next?.traceId);
});

Deno.test.each([
  ["0", 0, "X-B3-Sampled", "0"],
  ["0", 1, "X-B3-Sampled", "0"],
  ["1", 0, "X-B3-Sampled", "1"],
  ["1", 1, "X-B3-Sampled", "1"],
  ["d", 0, "X-B3-Flags", "1"],
  ["d", 1, "X-B3-Flags", "1"],
])(
  "receive() with linksRetries keeps the sampling state %s at the ratio %s, and the baggage, but no tracestate",
  async (state, sampleRatio, name, value) => {
    const headers = {
      b3: `${TRACE_ID}-${PUBLISH_SPAN_ID}-${state}`,
      baggage: "tenant=acme",
      tracestate: "vendor=1",
    };
    let passedOn: Readonly<Record<string, string>> | undefined;
    const onDeliver = () => passedOn = traceHeaders(context.active());
    const settings = { linksRetries: true, sampleRatio, onDeliver };
    const exporter = await spansOf({ headers, ...RETRY }, settings);
    equal(exporter.spans.length, state === "0" ? 0 : 2);
    notEqual(passedOn?.["X-B3-TraceId"], TRACE_ID);
    equal(passedOn?.["X-B3-ParentSpanId"], undefined);
    equal(passedOn?.[name], value);
    deepEqual([passedOn?.baggage, passedOn?.tracestate], ["tenant=acme", undefined]);
    for (const { attributes } of exporter.spans) equal(attributes.tenant, "acme");
  },
);
