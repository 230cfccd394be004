import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { integrationTest } from "@playground/shared/testing";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { type Delivery, failureOf } from "./batch_exporter.ts";
import { SpanQueue } from "./span_queue.ts";
import { type FinishedSpan, Tracing } from "./tracing.ts";
import { toZipkinSpan, ZipkinSpanExporter } from "./zipkin_exporter.ts";
import type { ZipkinSpan } from "./zipkin_span.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const SPAN_ID = "a2fb4a1d1a96d312";
const PARENT_ID = "0020000000000001";
const START = 1_700_000_000_123_456;

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
  const { traceId, id, ...span } = toZipkinSpan(await finished());
  ok(traceId && id);
  deepEqual(span, {
    name: "amqp-publish",
    timestamp: START,
    duration: 1_500,
    localEndpoint: { serviceName: "message-server" },
    tags: {},
  });
});

const mappings: readonly (readonly [
  what: string,
  particulars: Partial<FinishedSpan>,
  expected: Partial<ZipkinSpan>,
])[] = [
  ["makes a span without length one microsecond long", { endMicroseconds: START }, { duration: 1 }],
  [
    "reports for the party that the span names",
    { attributes: { "service.name": "rabbitmq" } },
    { localEndpoint: { serviceName: "rabbitmq" }, tags: {} },
  ],
  [
    "tells IPv6 from IPv4",
    { attributes: { "peer.service": "mailtrap", "network.peer.address": "::1" } },
    { remoteEndpoint: { serviceName: "mailtrap", ipv6: "::1" } },
  ],
  [
    "gives a consumer's other side no port, since that is the broker's",
    {
      kind: SpanKind.CONSUMER,
      attributes: { "peer.service": "message-server", "server.port": 5672 },
    },
    { remoteEndpoint: { serviceName: "message-server" } },
  ],
  [
    "has no other side where no peer is named",
    { attributes: { "server.port": 1 } },
    { remoteEndpoint: undefined },
  ],
  ["always says what an error was", { failure: { reason: "it was returned", type: "returned" } }, {
    tags: { "error": "it was returned", "error.type": "returned", "otel.status_code": "ERROR" },
  }],
];
for (const [what, particulars, expected] of mappings) {
  Deno.test(`toZipkinSpan() ${what}`, async () => {
    const span = toZipkinSpan(await finished(particulars));
    deepEqual({ ...expected, ...span }, { ...span, ...expected });
  });
}

Deno.test("toZipkinSpan() marks an error without a reason, and turns events into annotations", async () => {
  await using test = startTestTracing();
  await test.tracing.inSpan("send-email", {}, (span) => {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.addEvent("connected", [1_700_000_000, 5_000]);
  });
  const { tags, annotations } = test.exporter.getZipkinSpan("send-email");
  equal(tags?.error, "true");
  deepEqual(annotations, [{ timestamp: 1_700_000_000_000_005, value: "connected" }]);
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
function send(url: URL, spans: readonly ReadableSpan[] = []): Promise<Delivery> {
  const exporter = new ZipkinSpanExporter(url, 60_000);
  return exporter.send(spans.map((span) => exporter.prepare(span)));
}

integrationTest("ZipkinSpanExporter posts the spans as JSON", async () => {
  await using collector = new FakeCollector();
  const spans = [await finished(), await finished({ attributes: { "mail.subject": "né 中" } })];

  deepEqual(await send(collector.url, spans), { outcome: "taken" });
  deepEqual(collector.requests, [{ path: "/api/v2/spans", body: spans.map(toZipkinSpan) }]);
});

Deno.test("ZipkinSpanExporter counts the bytes of a span as they are sent", async () => {
  const exporter = new ZipkinSpanExporter(new URL("http://127.0.0.1:9411"), 1);
  const { json, sizeBytes } = exporter.prepare(await finished({ attributes: { a: "né 中" } }));
  equal(sizeBytes, new TextEncoder().encode(`${json},`).byteLength);
});

const statuses: readonly (readonly [status: number, outcome: string, afterPause?: string])[] = [
  [400, "refused"],
  [401, "refused"],
  [403, "refused"],
  [404, "refused"],
  [408, "later"],
  [413, "too-large", "too-large"],
  [415, "refused"],
  [422, "refused"],
  [429, "later"],
  [500, "later"],
  [502, "later"],
  [503, "later"],
];
for (const [status, outcome, afterPause = "later"] of statuses) {
  Deno.test(`failureOf() takes ${status} for "${outcome}", and with a pause for "${afterPause}"`, () => {
    equal(failureOf(status), outcome);
    equal(failureOf(status, 7_000), afterPause);
  });
}

integrationTest(
  "ZipkinSpanExporter tells the status, and the pause that the collector asks for",
  async () => {
    await using collector = new FakeCollector();
    collector.answer = () => new Response("no", { status: 403, headers: { "retry-after": "7" } });
    const delivery = await send(collector.url);
    ok(delivery.outcome !== "taken");
    deepEqual([delivery.outcome, delivery.pauseMs], ["later", 7_000]);
    match(delivery.reason, /^Cannot send spans to http:\/\/127\.0\.0\.1:\d+: it answered 403;/);
  },
);

integrationTest("ZipkinSpanExporter says why it cannot reach the collector", async () => {
  const collector = new FakeCollector();
  await collector[Symbol.asyncDispose]();
  const { url } = collector;
  url.username = "user";
  url.password = "s3cret";
  const delivery = await send(url);

  equal(delivery.outcome, "later");
  match(JSON.stringify(delivery), /refused/i);
  doesNotMatch(JSON.stringify(delivery), /user|s3cret/);
});

integrationTest(
  "Tracing sends what is queued when it is disposed, within a bounded time",
  async () => {
    await using collector = new FakeCollector();
    const hanging = Promise.withResolvers<Response>();
    collector.answer = () => hanging.promise;
    const processor = new SpanQueue({ exporter: new ZipkinSpanExporter(collector.url, 100) });
    const tracing = new Tracing({ serviceName: "emailer", sampleRatio: 1, processor });
    await tracing.inSpan("send-email", {}, () => {});

    const startedAt = performance.now();
    await tracing[Symbol.asyncDispose]();
    // The exporter's limit ends it, before that of the stop (4 s).
    ok(performance.now() - startedAt < 3_000);
    equal(collector.requests.length, 1);
    hanging.resolve(new Response());
  },
);
