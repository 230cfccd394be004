import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { underBase } from "../configuration/base_url.ts";
import { CollectorWatch } from "./collector_watch.ts";
import { CollectorUnavailableError } from "./span_queue.ts";
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
const STOCK_REFUSAL = /status code from zipkin: 4\d\d$/;

/**
 * The seam between the spans and whoever collects them.
 *
 * @param options Which exporter, and where to.
 * @returns The exporter. That it finds the collector away is said in the log once, and again when it is back.
 */
export async function createExporter(
  { name, zipkinUrl, otlpUrl }: ExporterOptions,
): Promise<SpanExporter> {
  switch (name) {
    case "zipkin":
      return zipkinUrl === undefined ? new DiscardingExporter() : new CollectorWatch(
        new ZipkinSpanExporter({ url: zipkinUrl, timeoutMs: TIMEOUT_MS }),
        (error) => !(error instanceof CollectorUnavailableError),
      );
    case "zipkin-stock": {
      if (zipkinUrl === undefined) return new DiscardingExporter();
      const { ZipkinExporter } = await import("@opentelemetry/exporter-zipkin");
      return new CollectorWatch(
        new ZipkinExporter({ url: underBase(zipkinUrl, "api/v2/spans").href }),
        (error) => STOCK_REFUSAL.test(error?.message ?? ""),
      );
    }
    case "otlp": {
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
      return new CollectorWatch(
        new OTLPTraceExporter({
          url: underBase(otlpUrl, "v1/traces").href,
          timeoutMillis: TIMEOUT_MS,
        }),
        // OTLPExporterError has the status as its code; one that may pass is told without it (OTLP, section "Failures").
        (error) => error !== undefined && "code" in error && typeof error.code === "number",
      );
    }
    case "none":
      return new DiscardingExporter();
  }
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
