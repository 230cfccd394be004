import { attribute } from "../tracing/attributes.ts";
import { originKey, spanKey } from "../tracing/zipkin_span.ts";
import type { SpanRow } from "./span_row.ts";

/** What a row says about another trace: which one it continues, or which one continues it. */
export interface RowLink {
  /** In words, before the name of the row there. */
  readonly text: "continues" | "continues in";
  readonly traceId: string;
  /** The row there, if it is in the picture: the named one, or the trace's first. */
  readonly row: SpanRow | undefined;
}

/** The links of the rows of a picture, by their tags. */
export function linksOf(rows: readonly SpanRow[]): ReadonlyMap<SpanRow, RowLink> {
  const byKey = new Map(rows.map((row) => [spanKey(row), row]));
  const firstOfTrace = new Map(rows.toReversed().map((row) => [row.traceId, row]));
  return new Map(rows.flatMap((row) => {
    const { tags } = row;
    const origin = tags[attribute.originTraceId];
    const next = tags[attribute.retryTraceId] ?? tags[attribute.pollTraceId];
    const link: RowLink | undefined = origin !== undefined
      ? { text: "continues", traceId: origin, row: byKey.get(originKey(row) ?? "") }
      : next !== undefined
      ? { text: "continues in", traceId: next, row: firstOfTrace.get(next) }
      : undefined;
    return link === undefined ? [] : [[row, link]];
  }));
}
