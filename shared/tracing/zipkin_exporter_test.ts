import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { integrationTest, startTestTracing, waitFor } from "@playground/shared/testing";
import type { Delivery } from "./batch_exporter.ts";
import { SpanQueue } from "./span_queue.ts";
import { type FinishedSpan, Tracing } from "./tracing.ts";
import { toZipkinSpan, ZipkinSpanExporter } from "./zipkin_exporter.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const SPAN_ID = "a2fb4a1d1a96d312";
const PARENT_ID = "0020000000000001";
const START = 1_700_000_000_123_456;

/** One finished span with the given particulars. */
async function finished(particulars: Partial<FinishedSpan> = {}): Promise<ReadableSpan> {
  await using test = startTestTracing({ serviceName: "message-server" });
  test.tracing.record("amqp-publish", {
    startMicroseconds: START,
    endMicroseconds: START + 1_500,
    ...particulars,
  });
  return test.exporter.getSpan("amqp-publish");
}

Deno.test("toZipkinSpan() maps a whole span", async () => {
  const span = await finished({
    kind: SpanKind.PRODUCER,
    parent: trace.setSpanContext(ROOT_CONTEXT, {
      traceId: TRACE_ID,
      spanId: PARENT_ID,
      traceFlags: TraceFlags.SAMPLED,
    }),
    ids: { traceId: TRACE_ID, spanId: SPAN_ID },
    attributes: {
      "peer.service": "rabbitmq",
      "server.port": 5672,
      "network.peer.address": "127.0.0.1",
      "smtp.tls": true,
    },
  });

  deepEqual(toZipkinSpan(span), {
    traceId: TRACE_ID,
    id: SPAN_ID,
    parentId: PARENT_ID,
    name: "amqp-publish",
    kind: "PRODUCER",
    timestamp: START,
    duration: 1_500,
    localEndpoint: { serviceName: "message-server" },
    remoteEndpoint: { serviceName: "rabbitmq", ipv4: "127.0.0.1", port: 5672 },
    tags: {
      "peer.service": "rabbitmq",
      "server.port": "5672",
      "network.peer.address": "127.0.0.1",
      "smtp.tls": "true",
    },
  });
});

Deno.test("toZipkinSpan() leaves out what a local root span does not have", async () => {
  const span = toZipkinSpan(await finished());
  deepEqual(Object.keys(span).toSorted(), [
    "duration",
    "id",
    "localEndpoint",
    "name",
    "tags",
    "timestamp",
    "traceId",
  ]);
});

const kinds = [
  [SpanKind.CLIENT, "CLIENT"],
  [SpanKind.SERVER, "SERVER"],
  [SpanKind.PRODUCER, "PRODUCER"],
  [SpanKind.CONSUMER, "CONSUMER"],
  [SpanKind.INTERNAL, undefined],
] as const;
for (const [kind, zipkinKind] of kinds) {
  Deno.test(`toZipkinSpan() maps the kind ${SpanKind[kind]} to ${zipkinKind ?? "none"}`, async () => {
    equal(toZipkinSpan(await finished({ kind })).kind, zipkinKind);
  });
}

Deno.test("toZipkinSpan() makes a span without length one microsecond long", async () => {
  equal(toZipkinSpan(await finished({ endMicroseconds: START })).duration, 1);
});

Deno.test("toZipkinSpan() reports for the party that the span names", async () => {
  const { localEndpoint, tags } = toZipkinSpan(
    await finished({ attributes: { "service.name": "rabbitmq" } }),
  );
  deepEqual(localEndpoint, { serviceName: "rabbitmq" });
  deepEqual(tags, {});
});

Deno.test("toZipkinSpan() tells IPv6 from IPv4", async () => {
  const { remoteEndpoint } = toZipkinSpan(
    await finished({ attributes: { "peer.service": "mailtrap", "network.peer.address": "::1" } }),
  );
  deepEqual(remoteEndpoint, { serviceName: "mailtrap", ipv6: "::1" });
});

Deno.test("toZipkinSpan() gives a consumer's other side no port, since that is the broker's", async () => {
  const { remoteEndpoint } = toZipkinSpan(
    await finished({
      kind: SpanKind.CONSUMER,
      attributes: { "peer.service": "message-server", "server.port": 5672 },
    }),
  );
  deepEqual(remoteEndpoint, { serviceName: "message-server" });
});

Deno.test("toZipkinSpan() has no other side where no peer is named", async () => {
  equal(
    toZipkinSpan(await finished({ attributes: { "server.port": 1 } })).remoteEndpoint,
    undefined,
  );
});

Deno.test("toZipkinSpan() always says what an error was", async () => {
  const failed = toZipkinSpan(
    await finished({
      failure: { reason: "the broker returned the message", type: "returned" },
    }),
  );
  deepEqual(failed.tags, {
    "error": "the broker returned the message",
    "error.type": "returned",
    "otel.status_code": "ERROR",
  });
});

Deno.test("toZipkinSpan() marks an error that nobody explained", async () => {
  await using test = startTestTracing();
  await test.tracing.inSpan("send-email", {}, (span) => {
    span.setStatus({ code: SpanStatusCode.ERROR });
  });
  equal(test.exporter.getZipkinSpan("send-email").tags?.error, "true");
});

Deno.test("toZipkinSpan() turns events into annotations", async () => {
  await using test = startTestTracing();
  await test.tracing.inSpan("send-email", {}, (span) => {
    span.addEvent("connected", [1_700_000_000, 5_000]);
  });
  deepEqual(test.exporter.getZipkinSpan("send-email").annotations, [
    { timestamp: 1_700_000_000_000_005, value: "connected" },
  ]);
});

/** A collector that answers as it is told, and keeps what it got. */
class FakeCollector implements AsyncDisposable {
  answer: () => Response | Promise<Response> = () => new Response(null, { status: 202 });
  readonly requests: { readonly path: string; readonly body: unknown }[] = [];
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      this.requests.push({ path: new URL(request.url).pathname, body: await request.json() });
      return await this.answer();
    },
  );

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#server.addr.port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Sends spans as the queue does. */
function send(exporter: ZipkinSpanExporter, ...spans: readonly ReadableSpan[]): Promise<Delivery> {
  return exporter.send(spans.map((span) => exporter.prepare(span)));
}

integrationTest("ZipkinSpanExporter posts the spans as JSON", async () => {
  await using collector = new FakeCollector();
  const spans = [await finished(), await finished({ attributes: { "mail.subject": "né 中" } })];
  const exporter = new ZipkinSpanExporter({ url: collector.url });

  deepEqual(await send(exporter, ...spans), { outcome: "taken" });
  deepEqual(collector.requests, [{ path: "/api/v2/spans", body: spans.map(toZipkinSpan) }]);
});

Deno.test("ZipkinSpanExporter counts the bytes of a span as they are sent", async () => {
  const exporter = new ZipkinSpanExporter({ url: new URL("http://127.0.0.1:9411") });
  const { json, sizeBytes } = exporter.prepare(await finished({ attributes: { a: "né 中" } }));
  equal(sizeBytes, new TextEncoder().encode(`${json},`).byteLength);
});

const statuses: readonly (readonly [status: number, outcome: string])[] = [
  [400, "refused"],
  [401, "refused"],
  [403, "refused"],
  [404, "refused"],
  [408, "later"],
  [413, "too-large"],
  [415, "refused"],
  [422, "refused"],
  [429, "later"],
  [500, "later"],
  [502, "later"],
  [503, "later"],
];
for (const [status, outcome] of statuses) {
  integrationTest(`ZipkinSpanExporter takes ${status} for "${outcome}", and says so`, async () => {
    await using collector = new FakeCollector();
    collector.answer = () => new Response("no", { status });
    const delivery = await send(new ZipkinSpanExporter({ url: collector.url }));

    equal(delivery.outcome, outcome);
    match(
      delivery.outcome === "taken" ? "" : delivery.reason,
      RegExp(`^Cannot send spans to http://127\\.0\\.0\\.1:\\d+: it answered ${status};`),
    );
  });
}

const pauses: readonly (readonly [status: number, outcome: string])[] = [
  [429, "later"],
  [503, "later"],
  [403, "later"],
  [413, "too-large"],
];
for (const [status, outcome] of pauses) {
  integrationTest(`ZipkinSpanExporter tells of the pause that ${status} asks for`, async () => {
    await using collector = new FakeCollector();
    collector.answer = () => new Response(null, { status, headers: { "retry-after": "7" } });
    const delivery = await send(new ZipkinSpanExporter({ url: collector.url }));

    equal(delivery.outcome, outcome);
    equal(delivery.outcome === "taken" ? undefined : delivery.pauseMs, 7_000);
  });
}

integrationTest("ZipkinSpanExporter says why it cannot reach the collector", async () => {
  const collector = new FakeCollector();
  await collector[Symbol.asyncDispose]();
  const { url } = collector;
  url.username = "user";
  url.password = "s3cret";
  const delivery = await send(new ZipkinSpanExporter({ url }));

  equal(delivery.outcome, "later");
  match(JSON.stringify(delivery), /refused/i);
  doesNotMatch(JSON.stringify(delivery), /user|s3cret/);
});

integrationTest("ZipkinSpanExporter gives up on a collector that hangs", async () => {
  await using collector = new FakeCollector();
  const hanging = Promise.withResolvers<Response>();
  collector.answer = () => hanging.promise;
  const exporter = new ZipkinSpanExporter({ url: collector.url, timeoutMs: 50 });

  const delivery = await send(exporter);
  hanging.resolve(new Response());
  equal(delivery.outcome, "later");
  match(JSON.stringify(delivery), /due to timeout/);
});

function startTracing(exporter: ZipkinSpanExporter): Tracing {
  const processor = new SpanQueue({ exporter });
  return new Tracing({ serviceName: "emailer", sampleRatio: 1, processor });
}

integrationTest(
  "Tracing sends its spans in batches to the collector without being asked",
  async () => {
    await using collector = new FakeCollector();
    await using tracing = startTracing(new ZipkinSpanExporter({ url: collector.url }));
    for (let i = 0; i < 3; i++) await tracing.inSpan("send-email", {}, () => {});

    await waitFor("the batch arrived", () => collector.requests.length > 0);
    equal(collector.requests.length, 1);
    ok(Array.isArray(collector.requests[0]?.body));
    equal(collector.requests[0].body.length, 3);
  },
);

integrationTest("Tracing stops within a bounded time while the collector hangs", async () => {
  await using collector = new FakeCollector();
  const hanging = Promise.withResolvers<Response>();
  collector.answer = () => hanging.promise;
  const tracing = startTracing(new ZipkinSpanExporter({ url: collector.url, timeoutMs: 100 }));
  await tracing.inSpan("send-email", {}, () => {});

  const startedAt = performance.now();
  await tracing[Symbol.asyncDispose]();
  ok(performance.now() - startedAt < 3_000);
  hanging.resolve(new Response());
});
