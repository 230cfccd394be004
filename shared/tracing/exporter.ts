import { getLogger } from "@logtape/logtape";
import { NoopSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { underBase } from "../configuration/base_url.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import type { OtlpEndpoint, SpanQueueLimits, Telemetry } from "../telemetry/telemetry.ts";
import { useBaggageKeys } from "./baggage.ts";
import { type BatchExporter, failureOf, type PreparedSpan } from "./batch_exporter.ts";
import { CollectorWatch } from "./collector_watch.ts";
import { LibraryExporter } from "./library_exporter.ts";
import { usePropagators } from "./propagation.ts";
import { SpanQueue } from "./span_queue.ts";
import { Tracing } from "./tracing.ts";
import { ZipkinSpanExporter } from "./zipkin_exporter.ts";

/** Where spans are sent, and how they are queued. */
type ExporterOptions = Pick<Telemetry, "exporter" | "zipkinUrl" | "spanQueue"> & {
  readonly otlp: Pick<Telemetry["otlp"], "traces">;
};

/** How OpenTelemetry's exporter for Zipkin reports the collector's status. */
const STOCK_STATUS = /status code from zipkin: (?<status>\d{3})$/;

/** Starts the tracing of a service; disposing it sends what is still queued. */
export async function startTracing(telemetry: Telemetry): Promise<Tracing> {
  if (telemetry.isDenoTracing) {
    getLogger(["tracing"]).warn(
      "OTEL_DENO=true makes Deno report its own spans, which are not connected with ours; unset it",
    );
  }
  usePropagators(telemetry.propagators);
  useBaggageKeys(telemetry.baggageKeys);
  return new Tracing({
    serviceName: telemetry.serviceName,
    resource: telemetry.resource,
    sampleRatio: telemetry.sampling.ratio,
    followsCaller: telemetry.sampling.followsCaller,
    processor: await createSpanProcessor(telemetry),
  });
}

/** The queue and the exporter between the spans and the collector; without a collector, nothing. */
export async function createSpanProcessor(
  { exporter, zipkinUrl, otlp, spanQueue }: ExporterOptions,
): Promise<SpanProcessor> {
  switch (exporter) {
    case "zipkin":
      return zipkinUrl === undefined
        ? new NoopSpanProcessor()
        : queueBefore(new ZipkinSpanExporter(zipkinUrl, spanQueue.timeoutMs), spanQueue);
    case "zipkin-stock":
      return zipkinUrl === undefined
        ? new NoopSpanProcessor()
        : queueBefore(await stockZipkinExporter(zipkinUrl), spanQueue);
    case "otlp":
      return queueBefore(await otlpExporter(otlp.traces), spanQueue);
    case "none":
      return new NoopSpanProcessor();
  }
}

async function stockZipkinExporter(url: URL): Promise<LibraryExporter> {
  const { ZipkinExporter } = await import("@opentelemetry/exporter-zipkin");
  const exporter = new ZipkinExporter({
    url: underBase(url, "api/v2/spans").href,
    headers: credentialHeaders(url),
  });
  return new LibraryExporter(exporter, (error) => {
    const status = error?.message.match(STOCK_STATUS)?.groups?.status;
    return status === undefined ? "later" : failureOf(Number(status));
  });
}

async function otlpExporter(
  { url, headers, timeoutMs }: OtlpEndpoint,
): Promise<LibraryExporter> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const exporter = new OTLPTraceExporter({
    url,
    headers,
    timeoutMillis: timeoutMs,
  });
  return new LibraryExporter(exporter, (error) => {
    // OTLPExporterError has the status as its code, but not where a retry may help (OTLP, section "Failures").
    const status = error !== undefined && "code" in error ? error.code : undefined;
    if (typeof status !== "number") return "later";
    return status >= 500 ? "refused" : failureOf(status);
  });
}

function queueBefore<Prepared extends PreparedSpan>(
  exporter: BatchExporter<Prepared>,
  { intervalMs, capacity, batchSize }: SpanQueueLimits,
): SpanQueue<Prepared> {
  const watch = new CollectorWatch();
  return new SpanQueue({
    exporter,
    intervalMs,
    capacity,
    batchSize: Math.min(batchSize, capacity),
    onDelivery: (delivery) => watch.note(delivery),
    onLoss: () =>
      getLogger(["tracing"]).warn("Spans are being lost, emails are not; /readyz counts them"),
  });
}
