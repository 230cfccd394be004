import type { ZipkinSpan } from "../tracing/zipkin_span.ts";

/**
 * Identifies a span among those of several traces.
 *
 * @param span The trace id and the id of the span.
 * @returns A key for maps.
 */
export function spanKey({ traceId, id }: Pick<ZipkinSpan, "traceId" | "id">): string {
  return `${traceId}/${id}`;
}
