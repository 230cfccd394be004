import { getLogger } from "@logtape/logtape";
import { NoopSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { underBase } from "../configuration/base_url.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import { type BatchExporter, failureOf, type PreparedSpan } from "./batch_exporter.ts";
import { CollectorWatch } from "./collector_watch.ts";
import { LibraryExporter } from "./library_exporter.ts";
import { SpanQueue } from "./span_queue.ts";
import { Tracing } from "./tracing.ts";
import { ZipkinSpanExporter } from "./zipkin_exporter.ts";

/**
 * The exporters that `OTEL_TRACES_EXPORTER` can name: ours for Zipkin, OpenTelemetry's own for Zipkin (to see what it cannot
 * show), OpenTelemetry's OTLP over HTTP, and none.
 */
export const EXPORTER_NAMES = ["zipkin", "zipkin-stock", "otlp", "none"] as const;

/** One of {@linkcode EXPORTER_NAMES}. */
export type ExporterName = typeof EXPORTER_NAMES[number];

interface ExporterOptions {
  readonly name: ExporterName;
  /** Base address of Zipkin; without it the exporters for Zipkin send nothing. */
  readonly zipkinUrl?: URL | undefined;
  readonly otlpUrl: URL;
}

/** Named as the environment variables; see shared/configuration/reference.md. */
interface TracingSettings {
  readonly OTEL_TRACES_EXPORTER: ExporterName;
  readonly ZIPKIN_URL?: URL | undefined;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT: URL;
  readonly TRACE_SAMPLE_RATIO: number;
  readonly OTEL_DENO: boolean;
}

/** A collector that takes longer has failed. */
const TIMEOUT_MS = 2_000;

/** How OpenTelemetry's exporter for Zipkin reports the status with which the collector answered. */
const STOCK_STATUS = /status code from zipkin: (?<status>\d{3})$/;

/** Starts the tracing of a service, by its name in Zipkin; disposing it sends what is still queued. */
export async function startTracing(
  serviceName: string,
  settings: TracingSettings,
): Promise<Tracing> {
  if (settings.OTEL_DENO) {
    getLogger(["tracing"]).warn(
      "OTEL_DENO=true makes Deno report spans of its own, which are not connected with ours; unset it",
    );
  }
  const processor = await createSpanProcessor({
    name: settings.OTEL_TRACES_EXPORTER,
    zipkinUrl: settings.ZIPKIN_URL,
    otlpUrl: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
  return new Tracing({ serviceName, sampleRatio: settings.TRACE_SAMPLE_RATIO, processor });
}

/** The seam between the spans and whoever collects them: a queue before the exporter, or nothing. */
export async function createSpanProcessor(
  { name, zipkinUrl, otlpUrl }: ExporterOptions,
): Promise<SpanProcessor> {
  switch (name) {
    case "zipkin":
      return zipkinUrl === undefined
        ? new NoopSpanProcessor()
        : queueBefore(new ZipkinSpanExporter(zipkinUrl, TIMEOUT_MS));
    case "zipkin-stock":
      return zipkinUrl === undefined
        ? new NoopSpanProcessor()
        : queueBefore(await stockZipkinExporter(zipkinUrl));
    case "otlp":
      return queueBefore(await otlpExporter(otlpUrl));
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

async function otlpExporter(url: URL): Promise<LibraryExporter> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const exporter = new OTLPTraceExporter({
    url: underBase(url, "v1/traces").href,
    headers: credentialHeaders(url),
    timeoutMillis: TIMEOUT_MS,
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
): SpanQueue<Prepared> {
  const watch = new CollectorWatch();
  return new SpanQueue({
    exporter,
    onDelivery: (delivery) => watch.note(delivery),
    onLoss: () =>
      getLogger(["tracing"]).warn("Spans are being lost, emails are not; /readyz counts them"),
  });
}
