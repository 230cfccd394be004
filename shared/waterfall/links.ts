import { attribute } from "../tracing/attributes.ts";
import { originKey, spanKey } from "../tracing/zipkin_span.ts";
import type { SpanRow } from "./span_row.ts";

/** What a row says about another trace: which one it continues, or which one continues it. */
export interface RowLink {
  /** In words, before the row's name. */
  readonly text: "continues" | "continues in";
  /** The other trace. */
  readonly traceId: string;
  /** The row there, if it is in the picture: the named one, or the trace's first. */
  readonly row: SpanRow | undefined;
}

/** The link of a row, by its tags; the rows are those of the picture. */
export function linkOf({ tags }: SpanRow, rows: readonly SpanRow[]): RowLink | undefined {
  const origin = tags[attribute.originTraceId];
  if (origin !== undefined) {
    const key = originKey({ tags });
    const row = rows.find((other) => spanKey(other) === key);
    return { text: "continues", traceId: origin, row };
  }
  const next = tags[attribute.retryTraceId] ?? tags[attribute.pollTraceId];
  if (next === undefined) return undefined;
  return { text: "continues in", traceId: next, row: rows.find(({ traceId }) => traceId === next) };
}
