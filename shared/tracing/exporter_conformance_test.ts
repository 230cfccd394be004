import { deepEqual, equal, ok } from "node:assert/strict";
import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { integrationTest, telemetryFrom } from "@playground/shared/testing";
import type { ExporterName } from "../telemetry/mod.ts";
import { createSpanProcessor } from "./exporter.ts";
import { Tracing } from "./tracing.ts";
import type { ZipkinSpan } from "./zipkin_span.ts";

const ORIGIN = { traceId: "463ac35c9f6413ad48485a3978bb5ecc", spanId: "a2fb4a1d1a96d312" };

/** Everything that an exporter has to carry: kinds, a parent, ids given, an event, a link, an error with and without words. */
async function reportSomeSpans(processor: SpanProcessor): Promise<void> {
  await using tracing = new Tracing({ serviceName: "emailer", sampleRatio: 1, processor });
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    ...ORIGIN,
    traceFlags: TraceFlags.SAMPLED,
  });
  tracing.record("amqp-publish", {
    kind: SpanKind.CONSUMER,
    parent,
    ids: { ...ORIGIN, spanId: "8dc810654b39fa50" },
    startMicroseconds: 1_700_000_000_123_456,
    endMicroseconds: 1_700_000_000_125_999,
    attributes: {
      "service.name": "rabbitmq",
      "peer.service": "message-server",
      "broker.port": 5672,
    },
  });
  await tracing.inSpan("send-email", {
    kind: SpanKind.CLIENT,
    parent,
    attributes: { "smtp.tls": true, "server.port": 2525, "peer.service": "mailtrap" },
    links: [{ context: { ...ORIGIN, traceFlags: TraceFlags.SAMPLED } }],
  }, (span) => span.addEvent("connected")).catch(() => {});
  tracing.record("emailer", {
    kind: SpanKind.SERVER,
    parent,
    startMicroseconds: 1_700_000_000_000_000,
    endMicroseconds: 1_700_000_000_000_000,
    failure: { reason: "550 no such user", type: "550" },
  });
}

/** What a collector receives from an exporter. */
async function received(name: ExporterName): Promise<readonly unknown[]> {
  const bodies: unknown[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      bodies.push(await request.json());
      return Response.json({}, { status: name === "otlp" ? 200 : 202 });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  await reportSomeSpans(
    await createSpanProcessor(telemetryFrom({
      OTEL_TRACES_EXPORTER: name,
      ZIPKIN_URL: url,
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
    })),
  );
  return bodies;
}

/** The spans of a batch without what differs from run to run. */
function comparable(bodies: readonly unknown[]): readonly ZipkinSpan[] {
  const spans = bodies.flat() as readonly ZipkinSpan[];
  return spans.map(({ id, timestamp, duration, annotations, ...span }) => ({
    ...span,
    id: span.name === "amqp-publish" ? id : "random",
    // Only what was given to the microsecond can be compared.
    ...(span.name === "send-email" ? {} : { timestamp, duration }),
    ...(annotations === undefined
      ? {}
      : { annotations: annotations.map(({ value }) => ({ value, timestamp: 0 })) }),
  }));
}

integrationTest("the Zipkin exporter sends what the stock one sends, and more", async () => {
  const stock = comparable(await received("zipkin-stock"));
  const ours = comparable(await received("zipkin"));
  equal(ours.length, 3);
  deepEqual(
    // What ours has and the stock one has not.
    ours.map(({ remoteEndpoint: _, duration, ...span }) => ({
      ...span,
      ...(duration === undefined ? {} : { duration: span.name === "emailer" ? 0 : duration }),
    })),
    // What the stock one has and ours has not: the resource in the tags of each span, once more.
    stock.map(({ tags, ...span }) => {
      const { "service.name": _, ...others } = tags ?? {};
      return { ...span, tags: others };
    }),
  );
  deepEqual(
    ours.map(({ remoteEndpoint }) => remoteEndpoint?.serviceName),
    ["message-server", "mailtrap", undefined],
  );
  ok(stock.every(({ remoteEndpoint }) => remoteEndpoint === undefined));
  // Zipkin takes a duration of 0 as unknown.
  equal(ours.at(-1)?.duration, 1);
});

integrationTest("the OTLP exporter keeps links and events", async () => {
  const [batch] = await received("otlp");
  const text = JSON.stringify(batch);
  ok(text.includes('"name":"connected"'), text);
  ok(/"links":\[\{[^}]*"traceId":"463ac35c9f6413ad48485a3978bb5ecc"/.test(text), text);
  ok(text.includes("550 no such user"), text);
  ok(text.includes('"stringValue":"emailer"'), text);
});
