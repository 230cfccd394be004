import type { ZipkinSpan } from "../tracing/zipkin_span.ts";

/** Identifies a span among those of several traces. */
export function spanKey({ traceId, id }: Pick<ZipkinSpan, "traceId" | "id">): string {
  return `${traceId}/${id}`;
}
