import { deepEqual, equal, match, ok } from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { integrationTest } from "@playground/shared/testing";
import { createExporter } from "./exporter.ts";
import { ZipkinSpanExporter } from "./zipkin_exporter.ts";

function exportOf(exporter: SpanExporter): Promise<ExportResult> {
  return new Promise((resolve) => exporter.export([], resolve));
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

integrationTest(
  "createExporter() logs once that the collector is away, and once that it is back",
  async () => {
    await using log = await captureLog();
    let status = 503;
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(null, { status }),
    );
    const zipkinUrl = new URL(`http://127.0.0.1:${server.addr.port}`);
    const exporter = await createExporter({ name: "zipkin", zipkinUrl, otlpUrl: OTLP_URL });
    for (status of [503, 503, 202, 202]) await exportOf(exporter);
    await server.shutdown();

    deepEqual(log.records.map(({ level }) => level), ["warning", "info"]);
    const [away] = log.records;
    ok(away);
    match(
      away.message.join(""),
      /^The collector is away, emails travel all the same: .*it answered 503/,
    );
  },
);
