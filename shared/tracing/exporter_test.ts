import { deepEqual, equal, match } from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { NoopSpanProcessor, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { integrationTest } from "@playground/shared/testing";
import { createSpanProcessor } from "./exporter.ts";
import { SpanQueue } from "./span_queue.ts";

/** Keeps what is logged until it is disposed. */
async function captureLog(): Promise<AsyncDisposable & { readonly records: readonly LogRecord[] }> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: [], lowestLevel: "info", sinks: ["records"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["records"] },
    ],
    reset: true,
  });
  return { records, [Symbol.asyncDispose]: reset };
}

const OTLP_URL = new URL("http://127.0.0.1:4318");
const WAITING = /^The collector takes no spans now; they wait, emails do not: ./;

const discarding = [
  ["none", new URL("http://127.0.0.1:9411")],
  ["zipkin", undefined],
  ["zipkin-stock", undefined],
] as const;
for (const [name, url] of discarding) {
  Deno.test(`createSpanProcessor("${name}", ${url}) discards all spans`, async () => {
    const processor = await createSpanProcessor({ name, zipkinUrl: url, otlpUrl: OTLP_URL });
    equal(processor instanceof NoopSpanProcessor, true);
  });
}

/** A collector that answers with the status of the moment, within its limit, and counts the spans that it takes. */
class Collector implements AsyncDisposable {
  status = 202;
  spanLimit = Infinity;
  takenCount = 0;
  readonly paths = new Set<string>();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      this.paths.add(new URL(request.url).pathname);
      const spanCount = (await request.text()).match(/"traceId"/g)?.length ?? 0;
      const status = spanCount > this.spanLimit ? 413 : this.status;
      if (status < 300) this.takenCount += spanCount;
      return new Response(null, { status });
    },
  );
  readonly url = new URL(`http://127.0.0.1:${this.#server.addr.port}/behind/a/proxy`);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function endSpans(processor: SpanProcessor, count: number): void {
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer("test");
  for (let made = 0; made < count; made++) tracer.startSpan("any").end();
}

function lostCount(processor: SpanProcessor): number {
  return processor instanceof SpanQueue ? processor.lostCount : Number.NaN;
}

const sending = [
  ["zipkin", "/behind/a/proxy/api/v2/spans"],
  ["zipkin-stock", "/behind/a/proxy/api/v2/spans"],
  ["otlp", "/behind/a/proxy/v1/traces"],
] as const;
for (const [name, path] of sending) {
  const start = async (url: URL) =>
    await createSpanProcessor({ name, zipkinUrl: url, otlpUrl: url });

  for (const status of [408, 429, 503]) {
    integrationTest(
      `createSpanProcessor("${name}") keeps spans at ${status}, and logs each change once`,
      async () => {
        await using log = await captureLog();
        await using collector = new Collector();
        const processor = await start(collector.url);
        collector.status = status;
        endSpans(processor, 3);
        await processor.forceFlush();
        await processor.forceFlush();
        equal(collector.takenCount, 0);
        collector.status = 202;
        await processor.forceFlush();
        endSpans(processor, 1);
        await processor.shutdown();

        deepEqual([collector.takenCount, lostCount(processor)], [4, 0]);
        deepEqual(log.records.map(({ level }) => level), ["warning", "info"]);
        match(textOf(log.records[0]), WAITING);
        equal(textOf(log.records[1]), "The collector takes spans again");
        deepEqual([...collector.paths], [path]);
      },
    );
  }

  integrationTest(
    `createSpanProcessor("${name}") loses the spans that the collector refuses, and says so`,
    async () => {
      for (const status of [400, 401, 404, 415]) {
        await using log = await captureLog();
        await using collector = new Collector();
        const processor = await start(collector.url);
        collector.status = status;
        endSpans(processor, 3);
        await processor.forceFlush();
        collector.status = 202;
        endSpans(processor, 1);
        await processor.shutdown();

        deepEqual([collector.takenCount, lostCount(processor)], [1, 3], String(status));
        deepEqual(log.records.map(textOf).map((text) => text.split(/[;:]/)[0]), [
          "The collector refuses spans",
          "Spans are being lost, emails are not",
          "The collector takes spans again",
        ]);
      }
    },
  );

  integrationTest(
    `createSpanProcessor("${name}") halves what is too large, down to a span, which is lost`,
    async () => {
      await using log = await captureLog();
      await using collector = new Collector();
      const processor = await start(collector.url);
      collector.spanLimit = 1;
      endSpans(processor, 4);
      await processor.forceFlush();
      deepEqual([collector.takenCount, lostCount(processor)], [4, 0]);
      collector.spanLimit = 0;
      endSpans(processor, 1);
      await processor.shutdown();

      deepEqual([collector.takenCount, lostCount(processor)], [4, 1]);
      match(textOf(log.records[0]), /^The collector takes smaller batches only: ./);
      match(
        textOf(log.records[1]),
        /^The collector refuses spans; they are lost, emails are not: ./,
      );
    },
  );

  integrationTest(`createSpanProcessor("${name}") keeps spans while nobody listens`, async () => {
    await using log = await captureLog();
    const processor = await start(new URL(`http://127.0.0.1:${closedPort()}`));
    endSpans(processor, 1);
    await processor.forceFlush();
    equal(lostCount(processor), 0);
    match(textOf(log.records[0]), WAITING);
    await processor.shutdown();
  });
}

function textOf(record: LogRecord | undefined): string {
  return record?.message.join("") ?? "";
}

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
