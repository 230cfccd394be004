/**
 * Logging for all services and tasks: LogTape, pretty on a terminal, JSON lines otherwise. A record that is written inside a
 * span carries the span's ids, so that a log line leads to its trace.
 *
 * @module
 */
import {
  configure,
  getConsoleSink,
  getLogger,
  jsonLinesFormatter,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";
import { getPrettyFormatter } from "@logtape/pretty";
import { trace } from "@opentelemetry/api";

/** The levels that `LOG_LEVEL` can name, least important first. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** The forms that `LOG_FORMAT` can name. */
export const LOG_FORMATS = ["pretty", "json"] as const;

/** How to log. */
export interface LoggingOptions {
  /** The least important record that is written. */
  readonly level: typeof LOG_LEVELS[number];
  /** The form of a record. @default pretty on a terminal, else JSON lines */
  readonly format?: typeof LOG_FORMATS[number] | undefined;
}

/**
 * Sets up logging for this process. To be called once, before the first record.
 *
 * @param options Level and form.
 */
export async function startLogging({ level, format }: LoggingOptions): Promise<void> {
  const pretty = format === undefined ? Deno.stdout.isTerminal() : format === "pretty";
  const formatter = pretty
    ? getPrettyFormatter({
      timestamp: "time",
      properties: true,
      categoryWidth: 12,
      wordWrap: false,
    })
    : jsonLinesFormatter;
  await configure({
    sinks: { console: getConsoleSink({ formatter: withTraceIds(formatter) }) },
    loggers: [
      { category: [], lowestLevel: level, sinks: ["console"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["console"] },
    ],
    reset: true,
  });
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

export { getLogger };
