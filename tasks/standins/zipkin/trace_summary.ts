import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { layOutWaterfall, type SpanRow, type Waterfall } from "@playground/shared/waterfall";

/** What the pages say about a trace in one line. */
export interface TraceSummary {
  /** The trace's id. */
  readonly traceId: string;
  /** The name of the root, or of the earliest span while the root has not arrived. */
  readonly name: string;
  /** The services that recorded a span, in the order in which they appear. */
  readonly services: readonly string[];
  /** How many spans; the halves of one count as one. */
  readonly spanCount: number;
  /** How many of them failed. */
  readonly errorCount: number;
  /** When the first span started, in milliseconds since the epoch; absent when no span has a timestamp. */
  readonly startMs?: number;
  /** From the first start to the last end, in microseconds. */
  readonly durationUs: number;
  /** False when something is missing: a parent, a duration. */
  readonly isComplete: boolean;
}

/** Sums a trace up. */
export function summarize(
  traceId: string,
  spans: readonly ZipkinSpan[],
): { readonly summary: TraceSummary; readonly waterfall: Waterfall } {
  const waterfall = layOutWaterfall(spans);
  const rows: readonly SpanRow[] = waterfall.rows.map(({ row }) => row);
  const root = rows.find(({ parentId }) => parentId === undefined) ?? rows[0];
  return {
    waterfall,
    summary: {
      traceId,
      name: root?.name ?? "",
      services: [...new Set(rows.flatMap(({ services }) => services))],
      spanCount: rows.length,
      errorCount: rows.filter(({ error }) => error !== undefined).length,
      ...(waterfall.startUs === 0 ? {} : { startMs: waterfall.startUs / 1_000 }),
      durationUs: waterfall.totalUs,
      isComplete: waterfall.isComplete,
    },
  };
}
