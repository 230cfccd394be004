/**
 * Logging for all services and tasks: LogTape, one coloured line for people on a terminal, JSON lines otherwise.
 *
 * A record that is written inside a span carries the span's ids, so that a log line leads to its trace. It is also an annotation
 * of that span, so that the trace has the log lines too.
 *
 * ```ts
 * import { getLogger, logToConsole } from "@playground/shared/logging";
 *
 * await logToConsole({ LOG_LEVEL: "info" });
 * getLogger(["emailer"]).info("Sent email {id}", { id: "42" });
 * ```
 *
 * @module
 */
import {
  configure,
  getAnsiColorFormatter,
  getTextFormatter,
  type LogRecord,
  type Sink,
  type TextFormatter,
  type TextFormatterOptions,
} from "@logtape/logtape";
import { trace } from "@opentelemetry/api";
import { annotateActiveSpan } from "../tracing/annotate.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { batchedConsole } from "./batched_console.ts";
import { jsonLine } from "./json_lines.ts";
import { messageText } from "./message_text.ts";
import { exportLogs } from "./otlp_logs.ts";

export { getLogger } from "@logtape/logtape";

/** The levels that `LOG_LEVEL` can name, least important first. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** The forms that `LOG_FORMAT` can name. */
export const LOG_FORMATS = ["pretty", "json"] as const;

/** The settings of a console, named as their environment variables. */
export interface LoggingSettings {
  /** The least important record that is written. */
  readonly LOG_LEVEL: typeof LOG_LEVELS[number];
  /** The form of a record. @default pretty on a terminal, else JSON lines */
  readonly LOG_FORMAT?: typeof LOG_FORMATS[number] | undefined;
}

/**
 * Starts the logging of a service as configured. Call it once, before the first record. Disposing the result sends pending
 * records to the collector.
 */
export async function startLogging(
  settings: LoggingSettings,
  telemetry: Telemetry,
): Promise<AsyncDisposable> {
  const logExport = telemetry.exporter === "otlp" ? await exportLogs(telemetry) : undefined;
  await logToConsole(settings, {
    ...(telemetry.annotatesSpans ? { annotations: annotateSpan } : {}),
    ...(logExport === undefined ? {} : { otlp: logExport.sink }),
  });
  return logExport ?? { [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Logs to the console, and to other sinks by name. Call it once, before the first record. */
export async function logToConsole(
  { LOG_LEVEL: level, LOG_FORMAT: format }: LoggingSettings,
  others: Readonly<Record<string, Sink>> = {},
): Promise<void> {
  const pretty = format === undefined ? Deno.stdout.isTerminal() : format === "pretty";
  const formatter = withTraceIds(pretty ? lineFormatter() : jsonLine);
  await configure({
    sinks: { console: batchedConsole(formatter), ...others },
    loggers: [
      { category: [], lowestLevel: level, sinks: ["console", ...Object.keys(others)] },
      // LogTape's own records, such as a sink's failure, must not go to that sink.
      {
        category: ["logtape", "meta"],
        lowestLevel: "warning",
        sinks: ["console"],
        parentSinks: "override",
      },
    ],
    reset: true,
  });
}

function annotateSpan(record: LogRecord): void {
  annotateActiveSpan(() => `${record.level.toUpperCase()} ${messageText(record)}`);
}

/** One line: time, level, message, and the trace that it belongs to. */
function lineFormatter(): TextFormatter {
  const options: TextFormatterOptions = {
    timestamp: "time",
    level: "FULL",
    // LogTape would quote a text.
    value: (value, inspect) => typeof value === "string" ? value : inspect(value),
    format: ({ timestamp, level, message, record }) => {
      const traceId = record.properties.trace_id;
      const suffix = traceId === undefined ? "" : ` (trace ${traceId})`;
      return `${timestamp} ${level.padEnd(7)} ${message}${suffix}`;
    },
  };
  return Deno.noColor ? getTextFormatter(options) : getAnsiColorFormatter(options);
}

/** Adds the ids of the active span to a record before it is formatted. */
function withTraceIds(formatter: TextFormatter): TextFormatter {
  return (record: LogRecord) => {
    const span = trace.getActiveSpan()?.spanContext();
    return formatter(
      span === undefined ? record : {
        ...record,
        properties: { ...record.properties, trace_id: span.traceId, span_id: span.spanId },
      },
    );
  };
}
