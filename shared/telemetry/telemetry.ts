import type { z } from "zod";
import { underBase } from "../configuration/base_url.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import { VERSION } from "../version.ts";
import type { PROPAGATOR_NAMES, telemetryVariables } from "./variables.ts";

/** One of {@linkcode PROPAGATOR_NAMES}. */
export type PropagatorName = typeof PROPAGATOR_NAMES[number];

/** The settings of tracing, metrics and logs, named as their environment variables. */
export type TelemetrySettings = z.output<z.ZodObject<typeof telemetryVariables>>;

/** Where a process sends its traces, metrics and logs, and under which name. */
export type Telemetry = ReturnType<typeof telemetryOf>;

/** A collector that accepts one signal by OTLP. */
export type OtlpEndpoint = ReturnType<typeof otlpEndpoint>;

/** Reads the settings as in OpenTelemetry's specification; `serviceName` is the default name. */
export function telemetryOf(serviceName: string, settings: TelemetrySettings) {
  const { "service.name": givenName = "", ...given } = settings.OTEL_RESOURCE_ATTRIBUTES;
  const name = settings.OTEL_SERVICE_NAME ?? (givenName === "" ? serviceName : givenName);
  const resource: Readonly<Record<string, string>> = {
    "service.version": VERSION,
    "service.instance.id": crypto.randomUUID(),
    ...given,
    "service.name": name,
  };
  return {
    serviceName: name,
    resource,
    exporter: settings.OTEL_SDK_DISABLED ? "none" : settings.OTEL_TRACES_EXPORTER,
    // Without it the exporters for Zipkin send nothing.
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
    // Deno's own tracing, which is separate from ours.
    isDenoTracing: settings.OTEL_DENO,
  } as const;
}

function otlpEndpoint(signal: "TRACES" | "METRICS" | "LOGS", settings: TelemetrySettings) {
  const name = `OTEL_EXPORTER_OTLP_${signal}` as const;
  const own = settings[`${name}_ENDPOINT`];
  const ownHeaders = settings[`${name}_HEADERS`];
  const url = own ?? underBase(settings.OTEL_EXPORTER_OTLP_ENDPOINT, `v1/${signal.toLowerCase()}`);
  const headers: Readonly<Record<string, string>> = {
    ...credentialHeaders(own ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT),
    ...(Object.keys(ownHeaders).length === 0 ? settings.OTEL_EXPORTER_OTLP_HEADERS : ownHeaders),
  };
  return {
    // Without credentials, which are in a header.
    url: `${url.origin}${url.pathname}${url.search}`,
    headers,
    timeoutMs: settings[`${name}_TIMEOUT`] ?? settings.OTEL_EXPORTER_OTLP_TIMEOUT,
  };
}

function samplingOf(settings: TelemetrySettings) {
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio = 1 } = settings;
  if (sampler === undefined) return { ratio: settings.TRACE_SAMPLE_RATIO, followsCaller: true };
  const followsCaller = sampler.startsWith("parentbased_");
  if (sampler.endsWith("always_on")) return { ratio: 1, followsCaller };
  if (sampler.endsWith("always_off")) return { ratio: 0, followsCaller };
  return { ratio, followsCaller };
}
