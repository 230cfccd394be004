import { getLogger } from "@logtape/logtape";
import { createSpanProcessor, type ExporterName } from "./exporter.ts";
import { Tracing } from "./tracing.ts";

/** The settings of tracing, named as their environment variables. */
export interface TracingSettings {
  /** Which exporter sends the spans. */
  readonly OTEL_TRACES_EXPORTER: ExporterName;
  /** Base address of Zipkin. */
  readonly ZIPKIN_URL?: URL | undefined;
  /** Base address of the collector that takes OTLP. */
  readonly OTEL_EXPORTER_OTLP_ENDPOINT: URL;
  /** The part of the traces that start here to be sampled. */
  readonly TRACE_SAMPLE_RATIO: number;
  /** Whether Deno's own tracing is on. */
  readonly OTEL_DENO: boolean;
}

/**
 * Starts the tracing of a service as its configuration has it.
 *
 * @param serviceName The service's name as Zipkin shows it.
 * @param settings Its configuration.
 * @returns The tracing; disposing it sends what is still queued.
 */
export async function startTracing(
  serviceName: string,
  settings: TracingSettings,
): Promise<Tracing> {
  if (settings.OTEL_DENO) {
    getLogger(["tracing"]).warn(
      "OTEL_DENO=true makes Deno report spans of its own, which stand beside ours and not in them; unset it",
    );
  }
  const processor = await createSpanProcessor({
    name: settings.OTEL_TRACES_EXPORTER,
    zipkinUrl: settings.ZIPKIN_URL,
    otlpUrl: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
  return new Tracing({ serviceName, sampleRatio: settings.TRACE_SAMPLE_RATIO, processor });
}
