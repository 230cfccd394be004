import { z } from "zod";
import { attribute, TAGS } from "../tracing/attributes.ts";
import {
  httpUrl,
  integer,
  keyValues,
  list,
  numeric,
  oneOf,
  whole,
  zipkinUrl,
} from "../configuration/variables.ts";

/**
 * The exporters that `OTEL_TRACES_EXPORTER` can name: ours for Zipkin, OpenTelemetry's own for Zipkin (to see what it cannot
 * show), OpenTelemetry's OTLP over HTTP, and none.
 */
const EXPORTER_NAMES = ["zipkin", "zipkin-stock", "otlp", "none"] as const;

/** The formats that `OTEL_PROPAGATORS` can name. */
export const PROPAGATOR_NAMES = ["b3multi", "b3", "tracecontext", "baggage", "none"] as const;

/** The samplers that `OTEL_TRACES_SAMPLER` can name. Those without `parentbased` overrule the caller. */
const SAMPLER_NAMES = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

const ratio = numeric(
  (value) => value >= 0 && value <= 1,
  "must be a number from 0 (no trace) to 1 (every trace)",
);
const headers = keyValues("api-key=secret").refine(areHeaders, {
  error: "must be headers that HTTP can carry, such as api-key=secret",
});
const milliseconds = whole(1, 60_000);
/** How many keys of baggage have room in a message's header. */
const MAX_BAGGAGE_KEYS = 8;
const OTLP_EXAMPLE = "http://127.0.0.1:4318";

/**
 * The variables of tracing, metrics and logs. Those that begin with OTEL_ are OpenTelemetry's own
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 */
export const telemetryVariables = {
  ZIPKIN_URL: zipkinUrl().optional().describe(
    "Base address of the collector, with or without /api/v2/spans; unset, no span is sent",
  ),
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkinUrl().optional().describe(
    "The same under OpenTelemetry's name; ZIPKIN_URL takes precedence",
  ),
  OTEL_TRACES_EXPORTER: inAnyCase(EXPORTER_NAMES).default("zipkin").describe(
    "Which exporter sends the spans: ours (zipkin), OpenTelemetry's own (zipkin-stock), OTLP over HTTP (otlp), or none. With otlp, metrics and logs go out by OTLP as well",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl(OTLP_EXAMPLE).default(new URL(OTLP_EXAMPLE)).describe(
    "Base address of the OTLP collector, for the exporter otlp",
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl(`${OTLP_EXAMPLE}/v1/traces`).optional().describe(
    "Where spans go, if not to v1/traces below the base address",
  ),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: httpUrl(`${OTLP_EXAMPLE}/v1/metrics`).optional().describe(
    "Where metrics go, if not to v1/metrics below the base address",
  ),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: httpUrl(`${OTLP_EXAMPLE}/v1/logs`).optional().describe(
    "Where log records go, if not to v1/logs below the base address",
  ),
  OTEL_EXPORTER_OTLP_HEADERS: headers.describe(
    "Headers for the OTLP collector, as name=value,name=value",
  ),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers.describe("The same for spans; replaces those headers"),
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: headers.describe(
    "The same for metrics; replaces those headers",
  ),
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: headers.describe(
    "The same for log records; replaces those headers",
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: inAnyCase(["http/json"]).default("http/json").describe(
    "The protocol of OTLP; only this one is supported",
  ),
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds.default(2_000).describe(
    "How long the OTLP collector may take, in milliseconds",
  ),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: milliseconds.optional().describe("The same for spans only"),
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: milliseconds.optional().describe("The same for metrics only"),
  OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: milliseconds.optional().describe(
    "The same for log records only",
  ),
  // OpenTelemetry accepts any case, and treats anything else as false.
  OTEL_SDK_DISABLED: z.string().optional().transform((value) => value?.toLowerCase() === "true")
    .describe("Whether to send no spans, metrics and log records at all"),
  OTEL_SERVICE_NAME: z.string().optional().describe(
    "The name of a service that is started alone; deno task dev and deno task up name each one",
  ),
  OTEL_RESOURCE_ATTRIBUTES: keyValues("deployment.environment.name=test").describe(
    "Further attributes of this process, as name=value,name=value; in Zipkin, tags of each of its spans",
  ),
  OTEL_TRACES_SAMPLER: inAnyCase(SAMPLER_NAMES).optional().describe(
    "Which traces are sampled; unset: parentbased_traceidratio with TRACE_SAMPLE_RATIO",
  ),
  OTEL_TRACES_SAMPLER_ARG: ratio.optional().describe("The ratio of the samplers that have one"),
  TRACE_SAMPLE_RATIO: ratio.default(1).describe(
    "Which share of the traces that start here is sampled; a caller's decision takes precedence",
  ),
  OTEL_PROPAGATORS: list(PROPAGATOR_NAMES, ["b3multi", "baggage"]).describe(
    "The formats in which messages and mails carry the trace; all formats are read. Without baggage, a caller's baggage is neither read nor passed on",
  ),
  TRACE_BAGGAGE_KEYS: baggageKeys().describe(
    "The keys of a caller's baggage that are passed on and become tags of every span; all others are dropped",
  ),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds.default(500).describe(
    "How long a span waits for others before they are sent, in milliseconds",
  ),
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds.default(2_000).describe(
    "How long the collector may take, in milliseconds",
  ),
  OTEL_BSP_MAX_QUEUE_SIZE: integer(8_192, 1, 1_000_000).describe("The most spans that wait"),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer(512, 1, 10_000).describe(
    "The most spans that are sent at once",
  ),
  OTEL_DENO: z.string().optional().transform((value) => value === "true" || value === "1").describe(
    "Deno's own tracing, which bypasses ours; if it is on, the service warns",
  ),
  TRACE_LOGS: oneOf(["on", "off"]).default("on").describe(
    "Whether a log record that is written inside a span becomes an annotation of it",
  ),
} as const;

/** Keys of baggage, as names of tags: none that one of our own tags has. */
function baggageKeys() {
  const isKey = (key: string) =>
    /^[a-z][a-z0-9_-]{0,31}$/.test(key) && (key === attribute.tenant || !(key in TAGS));
  return z.string().default(attribute.tenant)
    .transform((text) => text.split(",").map((key) => key.trim()))
    .refine((keys) => keys.length <= MAX_BAGGAGE_KEYS && keys.every(isKey), {
      error:
        `must be at most ${MAX_BAGGAGE_KEYS} keys separated by commas, such as tenant,region: lower-case letters, digits, _ and -, and not the name of a tag in spans.md`,
    });
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    return new Headers(headers) !== undefined;
  } catch {
    return false;
  }
}

/** One of a few words, which OpenTelemetry takes in capitals as well. */
function inAnyCase<const Values extends readonly string[]>(
  values: Values,
): z.ZodType<Values[number]> {
  return z.string().toLowerCase().pipe(oneOf(values));
}
