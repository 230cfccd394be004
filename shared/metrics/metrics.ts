import type { Attributes, Counter, Histogram } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  InstrumentType,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { refuseMethod } from "../http/access.ts";
import type { HealthSources } from "../lifecycle/health.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { waitAtMost } from "../time/mod.ts";
import { type MetricDefinition, type MetricName, METRICS } from "./catalogue.ts";

/** One value of a gauge, or of a counter that is kept elsewhere. */
export interface Observation {
  /** In the unit of the catalogue. */
  readonly value: number;
  readonly attributes?: Attributes;
}

/** Reads the current values; an unreadable one is left out. */
export type Observe = () => number | readonly Observation[] | Promise<readonly Observation[]>;

/** A scrape must not wait for a collector, a broker or a database that hangs. */
const COLLECT_TIMEOUT_MS = 3_000;
const SHUTDOWN_TIMEOUT_MS = 2_000;
const EXPORT_INTERVAL_MS = 15_000;
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The metrics of one process. Names and units are those of the catalogue. Disposing it sends the last values. */
export class Metrics implements AsyncDisposable {
  readonly #provider: MeterProvider;
  readonly #meter: ReturnType<MeterProvider["getMeter"]>;
  readonly #reader: MetricReader;
  // All metrics are of one scope, and the scrape itself labels them with their service.
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  #collecting: Promise<CollectionResult> | undefined;

  /**
   * Starts the metrics of the process that the resource describes. There is one reader, which may also collect on a timer: with
   * several, the SDK would keep each one's state.
   */
  constructor(
    resource: Readonly<Record<string, string>>,
    reader: MetricReader = new OnDemandReader({ aggregationTemporalitySelector: temporalityOf }),
  ) {
    this.#reader = reader;
    this.#provider = new MeterProvider({
      resource: resourceFromAttributes(resource),
      readers: [reader],
    });
    this.#meter = this.#provider.getMeter("tracing-playground");
  }

  /** Measures how long something takes, in seconds. */
  histogram(name: MetricName<"histogram">): Histogram {
    const { buckets } = METRICS[name];
    return this.#meter.createHistogram(name, {
      ...descriptionOf(name),
      advice: { explicitBucketBoundaries: [...buckets] },
    });
  }

  counter(name: MetricName<"counter">): Counter {
    return this.#meter.createCounter(name, descriptionOf(name));
  }

  /** Reads a value whenever the metrics are collected: a current value, or a count that is kept elsewhere. */
  observe(name: MetricName<"gauge" | "counter">, observe: Observe): void {
    const { instrument } = METRICS[name];
    const observable = instrument === "gauge"
      ? this.#meter.createObservableGauge(name, descriptionOf(name))
      : this.#meter.createObservableCounter(name, descriptionOf(name));
    observable.addCallback(async (result) => {
      const observed = await observe();
      const observations = typeof observed === "number" ? [{ value: observed }] : observed;
      for (const { value, attributes } of observations) result.observe(value, attributes);
    });
  }

  /** Answers `GET /metrics` in Prometheus' text format; `undefined` for another path. */
  answer(request: Request): Promise<Response> | undefined {
    return new URL(request.url).pathname === "/metrics" ? this.#answer(request) : undefined;
  }

  /** Sends the last values, where they are sent anywhere, within two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    await waitAtMost(SHUTDOWN_TIMEOUT_MS, this.#provider.shutdown());
  }

  async #answer(request: Request): Promise<Response> {
    const refusal = refuseMethod(request);
    if (refusal !== undefined) return refusal;
    const { resourceMetrics } = await this.#collect();
    const resource = resourceFromAttributes(labelsOf(resourceMetrics.resource.attributes));
    return new Response(this.#serializer.serialize({ ...resourceMetrics, resource }), {
      headers: { "content-type": CONTENT_TYPE, "cache-control": "no-store" },
    });
  }

  /** Concurrent scrapes share one answer: the SDK returns each value of a gauge only once. */
  #collect(): Promise<CollectionResult> {
    return this.#collecting ??= this.#reader.collect({ timeoutMillis: COLLECT_TIMEOUT_MS })
      .finally(() => this.#collecting = undefined);
  }
}

/** Starts the metrics of a service; with the exporter `otlp` they go out by OTLP as well. */
export async function startMetrics({ resource, exporter, otlp }: Telemetry): Promise<Metrics> {
  if (exporter !== "otlp") return new Metrics(resource);
  const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
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

/** Reports the state in `/readyz` as metrics. */
export function observeHealth(metrics: Metrics, { readiness, lostSpanCount }: HealthSources): void {
  metrics.observe("playground.ready", async () => [{ value: Number((await readiness()).ready) }]);
  metrics.observe("playground.spans.lost", lostSpanCount);
}

/** Collects when it is asked to. */
class OnDemandReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** A gauge that cannot be read is left out: the SDK would repeat its last value. */
function temporalityOf(type: InstrumentType): AggregationTemporality {
  return type === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE;
}

/** Prometheus rejects a whole answer for one label that is duplicate or begins with a digit. */
function labelsOf(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name.replaceAll(/[\W_]+/g, "_").replace(/^(?=\d)/, "_"),
      value,
    ]),
  );
}

function descriptionOf(name: MetricName): { readonly unit: string; readonly description: string } {
  const { unit, meaning }: MetricDefinition = METRICS[name];
  return { unit, description: meaning.replaceAll("`", "") };
}
