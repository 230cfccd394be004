import { z } from "zod";
import { LOG_FORMATS, LOG_LEVELS } from "../logging/mod.ts";
import { EXPORTER_NAMES } from "../tracing/exporter.ts";
import { flag, httpUrl, sampleRatio, zipkinUrl } from "./variables.ts";

/** The variables that every service reads. */
export const commonVariables = {
  ZIPKIN_URL: zipkinUrl().optional().describe(
    "Base address of the collector, with or without /api/v2/spans; without one no span is sent",
  ),
  OTEL_TRACES_EXPORTER: z.enum(EXPORTER_NAMES, {
    error: `must be one of ${EXPORTER_NAMES.join(", ")}`,
  }).default("zipkin").describe(
    "Which exporter sends the spans: ours (zipkin), OpenTelemetry's own (zipkin-stock), OTLP over HTTP (otlp), or none",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl("http://127.0.0.1:4318").default(
    new URL("http://127.0.0.1:4318"),
  ).describe("Base address of the collector that takes OTLP, for the exporter otlp"),
  OTEL_DENO: z.string().optional().transform((value) => value === "true" || value === "1").describe(
    "Deno's own tracing, which bypasses ours; read to warn of it",
  ),
  TRACE_SAMPLE_RATIO: sampleRatio().describe(
    "The part of the traces that start here to be sampled; a caller's decision comes first",
  ),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).default(
    "info",
  ).describe("The least important record that is written"),
  LOG_FORMAT: z.enum(LOG_FORMATS, { error: `must be one of ${LOG_FORMATS.join(", ")}` }).optional()
    .describe("pretty for people, json for machines; unset: pretty on a terminal"),
  TRACE_LOGS: z.enum(["on", "off"], { error: "must be on or off" }).default("on").describe(
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
export const traceThroughSmtp = z.enum(TRACE_THROUGH_SMTP_MODES, {
  error: `must be one of ${TRACE_THROUGH_SMTP_MODES.join(", ")}`,
}).default("link");
