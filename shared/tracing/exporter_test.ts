import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { TraceFlags } from "@opentelemetry/api";
import { NoopSpanProcessor, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { captureLog, telemetryFrom, textOf } from "@playground/shared/testing/telemetry";
import type { Telemetry } from "../telemetry/mod.ts";
import { createSpanProcessor } from "./exporter.ts";
import { SpanQueue } from "./span_queue.ts";
import { markFailed, Tracing } from "./tracing.ts";

function optionsOf(exporter: Telemetry["exporter"], url: URL | undefined) {
  return telemetryFrom({
    OTEL_TRACES_EXPORTER: exporter,
    ...(url === undefined ? {} : { ZIPKIN_URL: url.href, OTEL_EXPORTER_OTLP_ENDPOINT: url.href }),
  });
}

Deno.test.each([
  ["none", new URL("http://127.0.0.1:9411")],
  ["zipkin", undefined],
  ["zipkin-stock", undefined],
])('createSpanProcessor("%s", %s) discards all spans', async (name, url) => {
  const processor = await createSpanProcessor(optionsOf(name, url));
  equal(processor instanceof NoopSpanProcessor, true);
});

/** A collector with a settable status, which keeps what it receives. */
class Collector implements AsyncDisposable {
  status = 202;
  takenCount = 0;
  readonly paths = new Set<string>();
  readonly bodies: unknown[] = [];
  readonly #server = serveLocally(async (request) => {
    this.paths.add(new URL(request.url).pathname);
    const text = await request.text();
    this.bodies.push(JSON.parse(text));
    if (this.status < 300) this.takenCount += text.match(/"traceId"/g)?.length ?? 0;
    return new Response(null, { status: this.status });
  });
  readonly url = new URL("/behind/a/proxy/", this.#server.url);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

function endSpans(processor: SpanProcessor, count: number): void {
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer("test");
  for (let made = 0; made < count; made++) tracer.startSpan("any").end();
}

function lostCount(processor: SpanProcessor): number {
  return processor instanceof SpanQueue ? processor.lostCount : Number.NaN;
}

/** What becomes of four spans that were answered with a status, and of one after them; and what is logged. */
const answers = [
  {
    statuses: [408, 429, 503],
    counts: { taken: 5, lost: 0 },
    log: [
      "warning: The collector accepts no spans now; they wait, emails do not",
      "info: The collector accepts spans again",
    ],
  },
  {
    statuses: [400, 401, 404, 415],
    counts: { taken: 1, lost: 4 },
    log: [
      "warning: The collector refuses spans; they are lost, emails are not",
      "warning: Spans are being lost, emails are not; /readyz counts them",
      "info: The collector accepts spans again",
    ],
  },
  {
    // Halved twice, down to single spans, which are lost.
    statuses: [413],
    counts: { taken: 1, lost: 4 },
    log: [
      "info: The collector accepts only smaller batches",
      "warning: The collector refuses spans; they are lost, emails are not",
      "warning: Spans are being lost, emails are not; /readyz counts them",
      "info: The collector accepts spans again",
    ],
  },
];
const sending = [
  ["zipkin", "/behind/a/proxy/api/v2/spans"],
  ["zipkin-stock", "/behind/a/proxy/api/v2/spans"],
  ["otlp", "/behind/a/proxy/v1/traces"],
] as const;
for (const [name, path] of sending) {
  const start = async (url: URL) => await createSpanProcessor(optionsOf(name, url));

  for (const { statuses, counts, log: expected } of answers) {
    integrationTest(
      `createSpanProcessor("${name}") loses ${counts.lost} of 4 spans at ${statuses}, and logs each change once`,
      async () => {
        for (const status of statuses) {
          await using log = await captureLog();
          await using collector = new Collector();
          const processor = await start(collector.url);
          collector.status = status;
          endSpans(processor, 4);
          await processor.forceFlush();
          await processor.forceFlush();
          collector.status = 202;
          endSpans(processor, 1);
          await processor.shutdown();

          deepEqual({ taken: collector.takenCount, lost: lostCount(processor) }, counts);
          deepEqual(
            log.records.map((record) => `${record.level}: ${textOf(record).split(":")[0]}`),
            expected,
            String(status),
          );
          match(textOf(log.records[0]), /: ./);
          deepEqual([...collector.paths], [path]);
        }
      },
    );
  }

  integrationTest(`createSpanProcessor("${name}") keeps spans while nobody listens`, async () => {
    await using log = await captureLog();
    const processor = await start(new URL("http://user:s3cret@127.0.0.1:1"));
    endSpans(processor, 1);
    await processor.forceFlush();
    equal(lostCount(processor), 0);
    const text = textOf(log.records[0]);
    match(text, /^The collector accepts no spans now; they wait, emails do not: ./);
    doesNotMatch(text, /s3cret/);
    await processor.shutdown();
  });
}

integrationTest("the OTLP exporter keeps links, events and failures", async () => {
  await using collector = new Collector();
  {
    const processor = await createSpanProcessor(optionsOf("otlp", collector.url));
    await using tracing = new Tracing({ serviceName: "emailer", sampleRatio: 1, processor });
    const origin = {
      traceId: "463ac35c9f6413ad48485a3978bb5ecc",
      spanId: "a2fb4a1d1a96d312",
      traceFlags: TraceFlags.SAMPLED,
    };
    await tracing.inSpan("send-email", { links: [{ context: origin }] }, (span) => {
      span.addEvent("connected");
      markFailed(span, { reason: "550 no such user", type: "550" });
    });
  }
  const text = JSON.stringify(collector.bodies);
  ok(text.includes('"name":"connected"'), text);
  ok(/"links":\[\{[^}]*"traceId":"463ac35c9f6413ad48485a3978bb5ecc"/.test(text), text);
  ok(text.includes("550 no such user"), text);
  ok(text.includes('"stringValue":"emailer"'), text);
});
