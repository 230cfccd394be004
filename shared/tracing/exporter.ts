import { getLogger } from "@logtape/logtape";
import { NoopSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { underBase } from "../configuration/base_url.ts";
import { type BatchExporter, failureOf, type PreparedSpan } from "./batch_exporter.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import { CollectorWatch } from "./collector_watch.ts";
import { LibraryExporter } from "./library_exporter.ts";
import { SpanQueue } from "./span_queue.ts";
import { ZipkinSpanExporter } from "./zipkin_exporter.ts";

/**
 * The exporters that `OTEL_TRACES_EXPORTER` can name: ours for Zipkin, OpenTelemetry's own for Zipkin (to see what it cannot
 * show), OpenTelemetry's OTLP over HTTP, and none.
 */
export const EXPORTER_NAMES = ["zipkin", "zipkin-stock", "otlp", "none"] as const;

/** One of {@linkcode EXPORTER_NAMES}. */
export type ExporterName = typeof EXPORTER_NAMES[number];

/** Where spans are sent. */
export interface ExporterOptions {
  /** Which exporter. */
  readonly name: ExporterName;
  /** Base address of Zipkin; without it the exporters for Zipkin send nothing. */
  readonly zipkinUrl?: URL | undefined;
  /** Base address of the collector that takes OTLP. */
  readonly otlpUrl: URL;
}

/** A collector that takes longer has failed. */
const TIMEOUT_MS = 2_000;

/** The status with which the collector answered is told in this way by OpenTelemetry's exporter for Zipkin. */
const STOCK_STATUS = /status code from zipkin: (?<status>\d{3})$/;

/** The seam between the spans and whoever collects them: the queue before the exporter, or nothing. */
export async function createSpanProcessor(
  { name, zipkinUrl, otlpUrl }: ExporterOptions,
): Promise<SpanProcessor> {
  switch (name) {
    case "zipkin":
      return zipkinUrl === undefined
        ? new NoopSpanProcessor()
        : queueBefore(new ZipkinSpanExporter({ url: zipkinUrl, timeoutMs: TIMEOUT_MS }));
    case "zipkin-stock": {
      if (zipkinUrl === undefined) return new NoopSpanProcessor();
      const { ZipkinExporter } = await import("@opentelemetry/exporter-zipkin");
      const exporter = new ZipkinExporter({
        url: underBase(zipkinUrl, "api/v2/spans").href,
        headers: credentialHeaders(zipkinUrl),
      });
      return queueBefore(
        new LibraryExporter(exporter, (error) => {
          const status = error?.message.match(STOCK_STATUS)?.groups?.status;
          return status === undefined ? "later" : failureOf(Number(status));
        }),
      );
    }
    case "otlp": {
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
      const exporter = new OTLPTraceExporter({
        url: underBase(otlpUrl, "v1/traces").href,
        headers: credentialHeaders(otlpUrl),
        timeoutMillis: TIMEOUT_MS,
      });
      return queueBefore(
        new LibraryExporter(exporter, (error) => {
          // OTLPExporterError has the status as its code; one that may pass is told without it (OTLP, section "Failures").
          const status = error !== undefined && "code" in error ? error.code : undefined;
          if (typeof status !== "number") return "later";
          return status >= 500 ? "refused" : failureOf(status);
        }),
      );
    }
    case "none":
      return new NoopSpanProcessor();
  }
}

function queueBefore<Prepared extends PreparedSpan>(
  exporter: BatchExporter<Prepared>,
): SpanQueue<Prepared> {
  const watch = new CollectorWatch();
  return new SpanQueue({
    exporter,
    onDelivery: (delivery) => watch.note(delivery),
    onLoss: () =>
      getLogger(["tracing"]).warn("Spans are being lost, emails are not; /readyz tells how many"),
  });
}
