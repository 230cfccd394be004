import type { z } from "zod";
import { underBase } from "../configuration/base_url.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import { VERSION } from "../version.ts";
import type { EXPORTER_NAMES, PROPAGATOR_NAMES, telemetryVariables } from "./variables.ts";

/** One of {@linkcode EXPORTER_NAMES}. */
export type ExporterName = typeof EXPORTER_NAMES[number];
/** One of {@linkcode PROPAGATOR_NAMES}. */
export type PropagatorName = typeof PROPAGATOR_NAMES[number];

/** The settings of tracing, metrics and logs, named as their environment variables. */
export type TelemetrySettings = z.output<z.ZodObject<typeof telemetryVariables>>;

/** A collector that accepts one signal by OTLP. */
export interface OtlpEndpoint {
  /** Where the signal is posted, without credentials. */
  readonly url: string;
  /** The headers, credentials included. */
  readonly headers: Readonly<Record<string, string>>;
  /** The time limit of a request to the collector. */
  readonly timeoutMs: number;
}

/** Where a process sends its traces, metrics and logs, and under which name. */
export interface Telemetry {
  /** The name in Zipkin. */
  readonly serviceName: string;
  /** The resource: name, version and instance of the process, and its operator's attributes. */
  readonly resource: Readonly<Record<string, string>>;
  /** Which exporter sends the spans. */
  readonly exporter: ExporterName;
  /** Base address of Zipkin; without it the exporters for Zipkin send nothing. */
  readonly zipkinUrl?: URL | undefined;
  /** Where each signal goes with the exporter `otlp`. */
  readonly otlp: Readonly<Record<"traces" | "metrics" | "logs", OtlpEndpoint>>;
  /** Which traces are sampled. */
  readonly sampling: Sampling;
  /** The formats in which a context is passed on. */
  readonly propagators: readonly PropagatorName[];
  /** The keys of a caller's baggage that are passed on and become tags. */
  readonly baggageKeys: readonly string[];
  /** How spans wait for the collector. */
  readonly spanQueue: SpanQueueLimits;
  /** Whether log records become annotations of their spans. */
  readonly annotatesSpans: boolean;
  /** Whether Deno's own tracing is on, which is separate from ours. */
  readonly isDenoTracing: boolean;
}

/** Which traces are sampled. */
export interface Sampling {
  /** The share of them, from 0 to 1. */
  readonly ratio: number;
  /** Whether a caller's decision comes first. */
  readonly followsCaller: boolean;
}

/** How spans wait for the collector. */
export interface SpanQueueLimits {
  /** How long the first span of a batch waits for others. */
  readonly intervalMs: number;
  /** The time limit of a request to the collector. */
  readonly timeoutMs: number;
  /** The most spans that wait. */
  readonly capacity: number;
  /** The most spans that are sent at once. */
  readonly batchSize: number;
}

/** Reads the settings as in OpenTelemetry's specification; `serviceName` is the default name. */
export function telemetryOf(serviceName: string, settings: TelemetrySettings): Telemetry {
  const { "service.name": givenName = "", ...given } = settings.OTEL_RESOURCE_ATTRIBUTES;
  const name = settings.OTEL_SERVICE_NAME ?? (givenName === "" ? serviceName : givenName);
  return {
    serviceName: name,
    resource: {
      "service.version": VERSION,
      "service.instance.id": crypto.randomUUID(),
      ...given,
      "service.name": name,
    },
    exporter: settings.OTEL_SDK_DISABLED ? "none" : settings.OTEL_TRACES_EXPORTER,
    zipkinUrl: settings.ZIPKIN_URL ?? settings.OTEL_EXPORTER_ZIPKIN_ENDPOINT,
    otlp: {
      traces: otlpEndpoint("TRACES", settings),
      metrics: otlpEndpoint("METRICS", settings),
      logs: otlpEndpoint("LOGS", settings),
    },
    sampling: samplingOf(settings),
    propagators: settings.OTEL_PROPAGATORS,
    baggageKeys: settings.TRACE_BAGGAGE_KEYS,
    spanQueue: {
      intervalMs: settings.OTEL_BSP_SCHEDULE_DELAY,
      timeoutMs: settings.OTEL_BSP_EXPORT_TIMEOUT,
      capacity: settings.OTEL_BSP_MAX_QUEUE_SIZE,
      batchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    },
    annotatesSpans: settings.TRACE_LOGS === "on",
    isDenoTracing: settings.OTEL_DENO,
  };
}

function otlpEndpoint(
  signal: "TRACES" | "METRICS" | "LOGS",
  settings: TelemetrySettings,
): OtlpEndpoint {
  const name = `OTEL_EXPORTER_OTLP_${signal}` as const;
  const own = settings[`${name}_ENDPOINT`];
  const ownHeaders = settings[`${name}_HEADERS`];
  const url = own ?? underBase(settings.OTEL_EXPORTER_OTLP_ENDPOINT, `v1/${signal.toLowerCase()}`);
  return {
    url: `${url.origin}${url.pathname}${url.search}`,
    headers: {
      ...credentialHeaders(own ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT),
      ...(Object.keys(ownHeaders).length === 0 ? settings.OTEL_EXPORTER_OTLP_HEADERS : ownHeaders),
    },
    timeoutMs: settings[`${name}_TIMEOUT`] ?? settings.OTEL_EXPORTER_OTLP_TIMEOUT,
  };
}

function samplingOf(settings: TelemetrySettings): Sampling {
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio = 1 } = settings;
  if (sampler === undefined) return { ratio: settings.TRACE_SAMPLE_RATIO, followsCaller: true };
  const followsCaller = sampler.startsWith("parentbased_");
  if (sampler.endsWith("always_on")) return { ratio: 1, followsCaller };
  if (sampler.endsWith("always_off")) return { ratio: 0, followsCaller };
  return { ratio, followsCaller };
}
