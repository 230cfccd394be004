import { deepEqual, equal } from "node:assert/strict";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { startTestTracing, type TestTracing } from "@playground/shared/testing/telemetry";
import { messageOptions } from "./message.ts";
import type { Publication, PublishOutcome } from "./publisher.ts";
import { tracedPublisher } from "./traced_publisher.ts";

const NOW = 1_700_000_000_123_456;
const PUBLICATION: Publication = {
  exchange: "rpc",
  routingKey: "send.email",
  content: new TextEncoder().encode("{}"),
  options: messageOptions({
    emailId: "6a2f8724-5a44-8959-b72c-715dc302434f",
    acceptedAtSeconds: 1_700_000_000,
    appId: "message-server/0.1.0",
    headers: { "x-attempt": 1 },
  }),
};

/** Publishes within a span; returns what the broker and the caller get. */
async function publish({ tracing }: TestTracing, outcome: PublishOutcome) {
  const sent: Publication[] = [];
  const broker = {
    publish: (publication: Publication) => {
      sent.push(publication);
      return Promise.resolve(outcome);
    },
  };
  const node = () => ({ hostname: "rabbit-2", port: 5673 });
  const publisher = tracedPublisher(broker, { tracing, spanName: "amqp-publish", node });
  const told = await tracing.inSpan("schedule-email", {}, () => publisher.publish(PUBLICATION));
  return { sent, told };
}

Deno.test("tracedPublisher() puts a producer span with all tags around a publication", async () => {
  await using test = startTestTracing();
  await publish(test, { status: "confirmed" });

  const span = test.exporter.getSpan("amqp-publish");
  equal(span.kind, SpanKind.PRODUCER);
  equal(span.status.code, SpanStatusCode.UNSET);
  deepEqual(span.attributes, {
    "peer.service": "rabbitmq",
    "broker.service": "rabbitmq",
    "broker.address": "rabbit-2",
    "broker.port": 5673,
    "amqp.exchange": "rpc",
    "amqp.routing_key": "send.email",
    "messaging.system": "rabbitmq",
    "messaging.destination.name": "rpc:send.email",
    "messaging.operation.name": "publish",
    "messaging.operation.type": "send",
    "messaging.rabbitmq.destination.routing_key": "send.email",
    "messaging.message.id": "6a2f8724-5a44-8959-b72c-715dc302434f",
    "server.address": "rabbit-2",
    "server.port": 5673,
  });
});

Deno.test("tracedPublisher() sends the span's context and the time along, and changes nothing else", async () => {
  await using test = startTestTracing({ clock: { nowMicroseconds: () => NOW } });
  const before = structuredClone(PUBLICATION.options);
  const { sent } = await publish(test, { status: "confirmed" });

  const span = test.exporter.getSpan("amqp-publish").spanContext();
  const parent = test.exporter.getSpan("schedule-email").spanContext();
  const headers = {
    "x-attempt": 1,
    "X-B3-TraceId": parent.traceId,
    "X-B3-SpanId": span.spanId,
    "X-B3-ParentSpanId": parent.spanId,
    "X-B3-Sampled": "1",
    "x-published-at-us": String(NOW),
  };
  deepEqual(sent, [{ ...PUBLICATION, options: { ...before, headers } }]);
  deepEqual(PUBLICATION.options, before);
});

Deno.test.each<readonly [outcome: PublishOutcome, message: string]>([
  [{ status: "returned" }, "the broker returned the message: no queue is bound"],
  [{ status: "rejected" }, "the broker rejected the message"],
  [
    { status: "unconfirmed", timeoutMs: 5_000 },
    "the broker did not confirm the message within 5000 ms",
  ],
  [
    { status: "blocked", reason: "low on disk" },
    "the broker takes no messages for now: low on disk",
  ],
  [{ status: "disconnected", reason: "it broke" }, "the broker cannot be reached: it broke"],
])("tracedPublisher() records %j and returns it", async (outcome, message) => {
  await using test = startTestTracing();
  deepEqual((await publish(test, outcome)).told, outcome);
  const { status } = test.exporter.getSpan("amqp-publish");
  deepEqual(status, { code: SpanStatusCode.ERROR, message });
});
