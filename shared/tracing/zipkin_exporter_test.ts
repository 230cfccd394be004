import { deepEqual, equal, ok } from "node:assert/strict";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import type { FinishedSpan } from "./tracing.ts";
import { toZipkinSpan, zipkinExporter } from "./zipkin_exporter.ts";
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

/** A span as it is sent. */
function sent(span: ReadableSpan): ZipkinSpan {
  return JSON.parse(JSON.stringify(toZipkinSpan(span)));
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

  deepEqual(sent(span), {
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
  const { traceId, id, ...span } = sent(await finished());
  ok(traceId && id);
  deepEqual(span, {
    name: "amqp-publish",
    timestamp: START,
    duration: 1_500,
    localEndpoint: { serviceName: "message-server" },
    tags: {},
  });
});

Deno.test.each([
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
])("toZipkinSpan() %s", async (_what, particulars, expected) => {
  const span = sent(await finished(particulars));
  deepEqual({ ...expected, ...span }, { ...span, ...expected });
});

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

Deno.test("zipkinExporter() counts the bytes of a span as they are sent", async () => {
  const exporter = zipkinExporter(new URL("http://127.0.0.1:9411"), 1);
  const { json, sizeBytes } = exporter.prepare(await finished({ attributes: { a: "né 中" } }));
  equal(sizeBytes, new TextEncoder().encode(`${json},`).byteLength);
});

integrationTest(
  "zipkinExporter() reports the status, and the pause that the collector asks for",
  async () => {
    await using collector = serveLocally(() =>
      new Response("no", { status: 403, headers: { "retry-after": "7" } })
    );
    const url = new URL(collector.url);
    deepEqual(await zipkinExporter(url, 60_000).send([]), {
      outcome: "later",
      reason: `Cannot send spans to ${url.origin}: it answered 403; look at the collector's log`,
      pauseMs: 7_000,
    });
  },
);

integrationTest(
  "zipkinExporter() takes no page to which it was redirected for an accepted batch",
  async () => {
    await using collector = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        const [, status, page] = pathname.split("/");
        if (page === "api") {
          return Response.redirect(new URL(`/${status}`, request.url), Number(status));
        }
        const isBatch = request.method === "POST" && await request.text() === "[]";
        return new Response("", { status: isBatch ? 202 : 200 });
      },
    );
    const outcomeAfter = async (status: number) => {
      const url = new URL(`http://127.0.0.1:${collector.addr.port}/${status}`);
      return (await zipkinExporter(url, 60_000).send([])).outcome;
    };
    for (const status of [301, 302, 303]) equal(await outcomeAfter(status), "refused");
    for (const status of [307, 308]) equal(await outcomeAfter(status), "taken");
  },
);

integrationTest("zipkinExporter() waits for a silent collector only up to its limit", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`http://127.0.0.1:${silent.addr.port}`);
  equal((await zipkinExporter(url, 10).send([])).outcome, "later");
});
