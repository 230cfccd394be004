import { configure, type LogRecord, reset } from "@logtape/logtape";
import { trace } from "@opentelemetry/api";

/** What was logged. */
export interface CapturedLog extends AsyncDisposable {
  readonly records: readonly LogRecord[];
  /** The id of the span that each was written in; `undefined` outside any. */
  readonly spanIds: readonly (string | undefined)[];
}

/** Keeps log records until it is disposed. */
export async function captureLog(): Promise<CapturedLog> {
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
