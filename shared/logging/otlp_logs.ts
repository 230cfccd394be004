import type { LogLevel, LogRecord, Sink } from "@logtape/logtape";
import { context } from "@opentelemetry/api";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { messageText } from "./message_text.ts";

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const SEVERITY: Readonly<Record<LogLevel, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warning: 13,
  error: 17,
  fatal: 21,
};

/** Sends log records by OTLP over HTTP, each with the context of its span. Disposing the result sends the last ones. */
export async function exportLogs(
  { resource, otlp: { logs: { url, headers, timeoutMs } } }: Telemetry,
): Promise<AsyncDisposable & { readonly sink: Sink }> {
  const [
    { BatchLogRecordProcessor, LoggerProvider },
    { OTLPLogExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import("@opentelemetry/sdk-logs"),
    import("@opentelemetry/exporter-logs-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPLogExporter({ url, headers, timeoutMillis: timeoutMs });
  const provider = new LoggerProvider({
    resource: resourceFromAttributes(resource),
    processors: [new BatchLogRecordProcessor({ exporter })],
  });
  return {
    sink: (record: LogRecord) => {
      provider.getLogger(record.category.join(".")).emit({
        timestamp: record.timestamp,
        severityNumber: SEVERITY[record.level],
        severityText: record.level.toUpperCase(),
        body: messageText(record),
        attributes: attributesOf(record),
        context: context.active(),
      });
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}

function attributesOf({ properties }: LogRecord): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === "number" || typeof value === "boolean" ? value : String(value),
    ]),
  );
}
