import { deepEqual, equal, match, ok } from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { SimpleSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { integrationTest } from "@playground/shared/testing";
import { createExporter } from "./exporter.ts";
import { ZipkinSpanExporter } from "./zipkin_exporter.ts";

function exportOf(exporter: SpanExporter): Promise<ExportResult> {
  const { promise, resolve } = Promise.withResolvers<ExportResult>();
  const processor = new SimpleSpanProcessor({
    exporter: {
      export: (spans) => exporter.export(spans, resolve),
      shutdown: () => Promise.resolve(),
    },
  });
  new TracerProvider({ spanProcessors: [processor] }).getTracer("test").startSpan("any").end();
  return promise;
}

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

const discarding = [
  ["none", new URL("http://127.0.0.1:9411")],
  ["zipkin", undefined],
] as const;
for (const [name, url] of discarding) {
  Deno.test(`createExporter("${name}", ${url}) discards all spans`, async () => {
    const exporter = await createExporter({ name, zipkinUrl: url, otlpUrl: OTLP_URL });

    equal(exporter instanceof ZipkinSpanExporter, false);
    deepEqual(await exportOf(exporter), { code: ExportResultCode.SUCCESS });
    await exporter.shutdown();
  });
}

/** A collector that answers with the status of the moment. */
class Collector implements AsyncDisposable {
  status = 202;
  readonly paths: string[] = [];
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      this.paths.push(new URL(request.url).pathname);
      await request.body?.cancel();
      return new Response(null, { status: this.status });
    },
  );
  readonly url = new URL(`http://127.0.0.1:${this.#server.addr.port}/behind/a/proxy`);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

const sending = [
  ["zipkin", "/behind/a/proxy/api/v2/spans"],
  ["zipkin-stock", "/behind/a/proxy/api/v2/spans"],
  ["otlp", "/behind/a/proxy/v1/traces"],
] as const;
for (const [name, path] of sending) {
  integrationTest(
    `createExporter("${name}") tells a collector that is away from one that refuses, and logs each change once`,
    async () => {
      await using log = await captureLog();
      await using collector = new Collector();
      const exporter = await createExporter({
        name,
        zipkinUrl: collector.url,
        otlpUrl: collector.url,
      });
      const results: (string | undefined)[] = [];
      for (collector.status of [202, 503, 503, 202, 400]) {
        results.push((await exportOf(exporter)).error?.name);
      }
      await exporter.shutdown();

      deepEqual(results.slice(0, 4), [
        undefined,
        "CollectorUnavailableError",
        "CollectorUnavailableError",
        undefined,
      ]);
      ok(results[4] !== undefined && results[4] !== "CollectorUnavailableError", results[4]);
      deepEqual(log.records.map(({ level }) => level), ["warning", "info", "warning"]);
      match(
        log.records[0]?.message.join("") ?? "",
        /^The collector is away, emails travel all the same: ./,
      );
      equal(collector.paths[0], path);
    },
  );

  integrationTest(`createExporter("${name}") finds a collector away that nobody is`, async () => {
    await using _log = await captureLog();
    const url = new URL(`http://127.0.0.1:${closedPort()}`);
    const exporter = await createExporter({ name, zipkinUrl: url, otlpUrl: url });
    equal((await exportOf(exporter)).error?.name, "CollectorUnavailableError");
    await exporter.shutdown();
  });
}

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
