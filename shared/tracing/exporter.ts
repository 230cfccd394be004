import { getLogger } from "@logtape/logtape";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { ZipkinSpanExporter } from "./zipkin_exporter.ts";

/** The exporters that `OTEL_TRACES_EXPORTER` can name. */
export const EXPORTER_NAMES = ["zipkin", "none"] as const;

/** One of {@linkcode EXPORTER_NAMES}. */
export type ExporterName = typeof EXPORTER_NAMES[number];

/**
 * The seam between the spans and whoever collects them.
 *
 * @param name Which exporter.
 * @param zipkinUrl Base address of Zipkin, where that is the one.
 * @returns The exporter. A collector that is away is said in the log once, and again when it is back.
 */
export function createExporter(name: ExporterName, zipkinUrl: URL | undefined): SpanExporter {
  const logger = getLogger(["tracing"]);
  if (name === "none" || zipkinUrl === undefined) return new DiscardingExporter();
  return new ZipkinSpanExporter({
    url: zipkinUrl,
    onStateChange: (error) =>
      error === undefined
        ? logger.info("The collector takes spans again")
        : logger.warn("Spans are being lost, emails are not: {reason}", { reason: error.message }),
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
