import { underBase } from "../configuration/base_url.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import type { ExporterName } from "../tracing/exporter.ts";
import { Metrics } from "./metrics.ts";

/** The settings of the metrics, named as their environment variables. */
export interface MetricsSettings {
  /** With `otlp`, metrics go out by OTLP as well. */
  readonly OTEL_TRACES_EXPORTER: ExporterName;
  /** Base address of the collector that takes them. */
  readonly OTEL_EXPORTER_OTLP_ENDPOINT: URL;
}

const EXPORT_INTERVAL_MS = 15_000;
const EXPORT_TIMEOUT_MS = 2_000;

/** Starts the metrics of a service as its configuration has it. */
export async function startMetrics(
  serviceName: string,
  settings: MetricsSettings,
): Promise<Metrics> {
  if (settings.OTEL_TRACES_EXPORTER !== "otlp") return new Metrics(serviceName);
  const [{ PeriodicExportingMetricReader }, { OTLPMetricExporter }] = await Promise.all([
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/exporter-metrics-otlp-http"),
  ]);
  const collectorUrl = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const exporter = new OTLPMetricExporter({
    url: underBase(collectorUrl, "v1/metrics").href,
    headers: credentialHeaders(collectorUrl),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  return new Metrics(serviceName, [
    new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: EXPORT_INTERVAL_MS,
      exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    }),
  ]);
}
