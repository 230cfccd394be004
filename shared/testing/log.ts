import { configure, type LogRecord, reset } from "@logtape/logtape";
import { trace } from "@opentelemetry/api";

/** Keeps log records until it is disposed, and the id of the span that each was written in; `undefined` outside any. */
export async function captureLog() {
  const records: LogRecord[] = [];
  const spanIds: (string | undefined)[] = [];
  const keep = (record: LogRecord) => {
    records.push(record);
    spanIds.push(trace.getActiveSpan()?.spanContext().spanId);
  };
  await configure({
    sinks: { records: keep },
    loggers: [
      { category: [], lowestLevel: "info", sinks: ["records"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["records"] },
    ],
    reset: true,
  });
  return { records, spanIds, [Symbol.asyncDispose]: reset };
}

/** The text of a record. */
export function textOf(record: LogRecord | undefined): string {
  return record?.message.join("") ?? "";
}
