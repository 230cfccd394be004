/**
 * Logging for all services and tasks: LogTape, one coloured line for people on a terminal, JSON lines otherwise. A record that is
 * written inside a span carries the span's ids, so that a log line leads to its trace.
 *
 * ```ts
 * import { getLogger, startLogging } from "@playground/shared/logging";
 *
 * await startLogging({ level: "info" });
 * getLogger(["emailer"]).info("Sent email {id}", { id: "42" });
 * ```
 *
 * @module
 */
import {
  configure,
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getTextFormatter,
  type LogRecord,
  type TextFormatter,
  type TextFormatterOptions,
} from "@logtape/logtape";
import { trace } from "@opentelemetry/api";
import { batchedConsole } from "./batched_console.ts";

export { getLogger } from "@logtape/logtape";

/** The levels that `LOG_LEVEL` can name, least important first. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** The forms that `LOG_FORMAT` can name. */
export const LOG_FORMATS = ["pretty", "json"] as const;

interface LoggingOptions {
  /** The least important record that is written. */
  readonly level: typeof LOG_LEVELS[number];
  /** The form of a record. @default pretty on a terminal, else JSON lines */
  readonly format?: typeof LOG_FORMATS[number] | undefined;
}

/** Sets up logging for this process; called once, before the first record. */
export async function startLogging({ level, format }: LoggingOptions): Promise<void> {
  const pretty = format === undefined ? Deno.stdout.isTerminal() : format === "pretty";
  const formatter = withTraceIds(pretty ? lineFormatter() : getJsonLinesFormatter());
  await configure({
    sinks: { console: batchedConsole(formatter) },
    loggers: [
      { category: [], lowestLevel: level, sinks: ["console"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["console"] },
    ],
    reset: true,
  });
}

/** One line: time, level, message, and the trace that it belongs to. */
function lineFormatter(): TextFormatter {
  const options: TextFormatterOptions = {
    timestamp: "time",
    level: "FULL",
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
