import { deepEqual, equal, rejects } from "node:assert/strict";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { startTestTracing, type TestTracing } from "@playground/shared/testing/telemetry";
import { extractContext } from "../tracing/propagation.ts";
import { messageOptions } from "./message.ts";
import type { Publication, Publisher, PublishOutcome } from "./publisher.ts";
import { describeOutcome, tracedPublisher } from "./traced_publisher.ts";

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

/** A publisher with scripted outcomes, which keeps the publications. */
class FakePublisher implements Publisher {
  readonly published: Publication[] = [];
  readonly #outcome: () => PublishOutcome;

  constructor(outcome: () => PublishOutcome = () => ({ status: "confirmed" })) {
    this.#outcome = outcome;
  }

  readonly publish = (publication: Publication): Promise<PublishOutcome> => {
    this.published.push(publication);
    return Promise.resolve().then(this.#outcome);
  };
}

function traced(publisher: Publisher, { tracing }: TestTracing): Publisher {
  const node = () => ({ hostname: "rabbit-2", port: 5673 });
  return tracedPublisher(publisher, { tracing, spanName: "amqp-publish", node });
}

Deno.test("tracedPublisher() puts a producer span with all tags around a publication", async () => {
  await using test = startTestTracing({ serviceName: "message-server" });
  const outcome = await traced(new FakePublisher(), test).publish(PUBLICATION);

  deepEqual(outcome, { status: "confirmed" });
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

Deno.test("tracedPublisher() sends the span's context and the time along", async () => {
  await using test = startTestTracing({ clock: { nowMicroseconds: () => NOW } });
  const publisher = new FakePublisher();
  await test.tracing.inSpan(
    "schedule-email",
    {},
    () => traced(publisher, test).publish(PUBLICATION),
  );

  const span = test.exporter.getSpan("amqp-publish").spanContext();
  const parent = test.exporter.getSpan("schedule-email").spanContext();
  deepEqual(publisher.published, [{
    ...PUBLICATION,
    options: {
      ...PUBLICATION.options,
      headers: {
        "x-attempt": 1,
        "X-B3-TraceId": parent.traceId,
        "X-B3-SpanId": span.spanId,
        "X-B3-ParentSpanId": parent.spanId,
        "X-B3-Sampled": "1",
        "x-published-at-us": String(NOW),
      },
    },
  }]);
});

Deno.test("tracedPublisher() sends the decision along when the trace is not sampled", async () => {
  await using test = startTestTracing({ sampleRatio: 0 });
  const publisher = new FakePublisher();
  await traced(publisher, test).publish(PUBLICATION);

  equal(publisher.published[0]?.options.headers?.["X-B3-Sampled"], "0");
  deepEqual(test.exporter.spans, []);
});

Deno.test("tracedPublisher() sends the caller's debug flag and tracestate along", async () => {
  await using test = startTestTracing();
  const publisher = new FakePublisher();
  const caller = new Map([
    ["b3", "463ac35c9f6413ad48485a3978bb5ecc-a2fb4a1d1a96d312-d"],
    ["tracestate", "congo=T61rcWkgMzE"],
  ]);
  await test.tracing.inSpan(
    "schedule-email",
    { parent: extractContext((name) => caller.get(name)) },
    () => traced(publisher, test).publish(PUBLICATION),
  );

  const headers = publisher.published[0]?.options.headers ?? {};
  equal(headers["X-B3-Flags"], "1");
  equal("X-B3-Sampled" in headers, false);
  equal(headers.tracestate, "congo=T61rcWkgMzE");
});

Deno.test("tracedPublisher() leaves the caller's publication as it was", async () => {
  await using test = startTestTracing();
  const before = structuredClone(PUBLICATION.options);
  await traced(new FakePublisher(), test).publish(PUBLICATION);

  deepEqual(PUBLICATION.options, before);
});

Deno.test("tracedPublisher() records an exception and rethrows it", async () => {
  await using test = startTestTracing();
  const publisher = new FakePublisher(() => {
    throw new TypeError("it is no buffer");
  });
  await rejects(traced(publisher, test).publish(PUBLICATION), TypeError);

  equal(test.exporter.getSpan("amqp-publish").status.message, "it is no buffer");
});

const failures: readonly (readonly [outcome: PublishOutcome, sentence: string])[] = [
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
];
for (const [outcome, sentence] of failures) {
  Deno.test(`tracedPublisher() records "${outcome.status}" and returns it`, async () => {
    await using test = startTestTracing();
    const told = await traced(new FakePublisher(() => outcome), test).publish(PUBLICATION);

    deepEqual(told, outcome);
    const { status } = test.exporter.getSpan("amqp-publish");
    deepEqual(status, { code: SpanStatusCode.ERROR, message: sentence });
    equal(describeOutcome(outcome), sentence);
  });
}
