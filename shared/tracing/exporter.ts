import { getLogger } from "@logtape/logtape";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
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

/**
 * The seam between the spans and whoever collects them.
 *
 * @param options Which exporter, and where to.
 * @returns The exporter. That our own one finds the collector away is said in the log once, and again when it is back.
 */
export async function createExporter(
  { name, zipkinUrl, otlpUrl }: ExporterOptions,
): Promise<SpanExporter> {
  switch (name) {
    case "zipkin":
      return zipkinUrl === undefined ? new DiscardingExporter() : zipkinExporter(zipkinUrl);
    case "zipkin-stock": {
      if (zipkinUrl === undefined) return new DiscardingExporter();
      const { ZipkinExporter } = await import("@opentelemetry/exporter-zipkin");
      return new ZipkinExporter({ url: new URL("/api/v2/spans", zipkinUrl).href });
    }
    case "otlp": {
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
      return new OTLPTraceExporter({
        url: new URL("/v1/traces", otlpUrl).href,
        timeoutMillis: TIMEOUT_MS,
      });
    }
    case "none":
      return new DiscardingExporter();
  }
}

function zipkinExporter(url: URL): SpanExporter {
  const logger = getLogger(["tracing"]);
  return new ZipkinSpanExporter({
    url,
    timeoutMs: TIMEOUT_MS,
    onStateChange: (error) =>
      error === undefined
        ? logger.info("The collector takes spans again")
        : logger.warn("The collector is away, emails travel all the same: {reason}", {
          reason: error.message,
        }),
  });
}

/** For a system without a collector. */
class DiscardingExporter implements SpanExporter {
  export(_spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    done({ code: ExportResultCode.SUCCESS });
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
