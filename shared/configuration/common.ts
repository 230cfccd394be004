import { z } from "zod";
import { LOG_FORMATS, LOG_LEVELS } from "../logging/mod.ts";
import { EXPORTER_NAMES } from "../tracing/exporter.ts";
import { flag, httpUrl, numeric, zipkinUrl } from "./variables.ts";

/** The variables that every service reads. */
export const commonVariables = {
  ZIPKIN_URL: zipkinUrl().optional().describe(
    "Base address of the collector, with or without /api/v2/spans; without one no span is sent",
  ),
  OTEL_TRACES_EXPORTER: oneOf(EXPORTER_NAMES).default("zipkin").describe(
    "Which exporter sends the spans: ours (zipkin), OpenTelemetry's own (zipkin-stock), OTLP over HTTP (otlp), or none",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl("http://127.0.0.1:4318").default(
    new URL("http://127.0.0.1:4318"),
  ).describe("Base address of the collector that takes OTLP, for the exporter otlp"),
  OTEL_DENO: z.string().optional().transform((value) => value === "true" || value === "1").describe(
    "Deno's own tracing, which bypasses ours; read to warn of it",
  ),
  TRACE_SAMPLE_RATIO: numeric(
    1,
    (ratio) => ratio >= 0 && ratio <= 1,
    "must be a number from 0 (no trace) to 1 (every trace)",
  ).describe(
    "The share of the traces that start here to be sampled; a caller's decision comes first",
  ),
  LOG_LEVEL: oneOf(LOG_LEVELS).default("info").describe(
    "The least important level that is logged",
  ),
  LOG_FORMAT: oneOf(LOG_FORMATS).optional().describe(
    "pretty for people, json for machines; unset: pretty on a terminal",
  ),
  TRACE_LOGS: oneOf(["on", "off"]).default("on").describe(
    "Whether a log record that is written inside a span becomes an annotation of it",
  ),
  STOP_AT_STDIN_EOF: flag().describe(
    "Whether the end of standard input stops the service, for a parent process that holds the other end",
  ),
} as const;

/**
 * How the trace context travels through the mail itself: `link` keeps the poll a trace of its own and links it, `join`
 * continues the email's trace, `off` writes nothing into the mail.
 */
const TRACE_THROUGH_SMTP_MODES = ["link", "join", "off"] as const;

/** One of {@linkcode TRACE_THROUGH_SMTP_MODES}. */
export type TraceThroughSmtp = typeof TRACE_THROUGH_SMTP_MODES[number];

/** The variable `TRACE_THROUGH_SMTP`, which the emailer and the poller read. */
export const traceThroughSmtp = oneOf(TRACE_THROUGH_SMTP_MODES).default("link");

function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(", ")}` });
}
