import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { layOutWaterfall, type Waterfall } from "@playground/shared/waterfall";

export interface TraceSummary {
  readonly traceId: string;
  /** The name of the root, or of the earliest span while the root has not arrived. */
  readonly name: string;
  readonly services: readonly string[];
  readonly errorCount: number;
  readonly waterfall: Waterfall;
}

export function summarize(traceId: string, spans: readonly ZipkinSpan[]): TraceSummary {
  const waterfall = layOutWaterfall(spans);
  const rows = waterfall.rows.map(({ row }) => row);
  const root = rows.find(({ parentId }) => parentId === undefined) ?? rows[0];
  return {
    traceId,
    name: root?.name ?? "",
    services: [...new Set(rows.flatMap(({ services }) => services))],
    errorCount: rows.filter(({ error }) => error !== undefined).length,
    waterfall,
  };
}
