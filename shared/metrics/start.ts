import type { Telemetry } from "../telemetry/telemetry.ts";
import { Metrics, temporalityOf } from "./metrics.ts";

const EXPORT_INTERVAL_MS = 15_000;

/** Starts the metrics of a service; with the exporter `otlp` they go out by OTLP as well. */
export async function startMetrics({ resource, exporter, otlp }: Telemetry): Promise<Metrics> {
  if (exporter !== "otlp") return new Metrics(resource);
  const [{ PeriodicExportingMetricReader }, { OTLPMetricExporter }] = await Promise.all([
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/exporter-metrics-otlp-http"),
  ]);
  const { url, headers, timeoutMs } = otlp.metrics;
  const otlpExporter = new OTLPMetricExporter({ url, headers, timeoutMillis: timeoutMs });
  return new Metrics(
    resource,
    new PeriodicExportingMetricReader({
      exporter: Object.assign(otlpExporter, { selectAggregationTemporality: temporalityOf }),
      exportIntervalMillis: EXPORT_INTERVAL_MS,
      exportTimeoutMillis: timeoutMs,
    }),
  );
}
