import { attribute } from "@playground/shared/tracing";
import { layOutWaterfall, spanKey, type WaterfallRow } from "@playground/shared/waterfall";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { z } from "zod";

/** One row of the picture of an email's traces: a span with its place in the tree and on the time axis. */
export const traceRow = z.object({
  key: z.string(),
  /** The trace that the span belongs to: the email's own, or that of a poll. */
  traceId: z.string(),
  /** 0 for a root. */
  depth: z.int().min(0),
  name: z.string(),
  /** The services that recorded it, the sending side first. */
  services: z.array(z.string()).readonly(),
  /** The kinds of its records, the sending side first. */
  kinds: z.array(z.string()).readonly(),
  /** Microseconds from the start of the picture. */
  fromUs: z.int().min(0),
  /** Microseconds; null while the span is not finished. */
  durationUs: z.int().min(0).nullable(),
  /** The part that was a wait: in a queue, or for the next poll. */
  wait: z.object({ fromUs: z.int(), toUs: z.int() }).readonly().optional(),
  error: z.string().optional(),
  /** What was corrected, in words. */
  correction: z.string().optional(),
  /** What was logged in it, in order of time; microseconds from the start of the picture. */
  logs: z.array(z.object({ atUs: z.int(), text: z.string() })).readonly(),
  tags: z.record(z.string(), z.string()).readonly(),
  /** Which attempt to send the email it belongs to, from 1. */
  attempt: z.int().min(1).optional(),
}).readonly();

/** One row of the picture of an email's traces; see {@linkcode traceRow}. */
export type TraceRow = z.output<typeof traceRow>;

/**
 * Lays the spans of an email out as rows: the same ones, in the same order, as the terminal draws.
 */
export function toTraceRows(spans: readonly ZipkinSpan[]): readonly TraceRow[] {
  const attempts = new Map<string, number>();
  const { startUs, rows } = layOutWaterfall(spans);
  return rows.map((row) => {
    const { traceId, id, parentId } = row.row;
    const attempt = ownAttempt(row) ?? attempts.get(spanKey({ traceId, id: parentId ?? "" }));
    // What was sent belongs to the attempt; what follows a retry says itself which attempt it is.
    if (attempt !== undefined && row.row.name === "emailer") {
      attempts.set(spanKey({ traceId, id }), attempt);
    }
    return toTraceRow(row, startUs, attempt);
  });
}

function ownAttempt({ row }: WaterfallRow): number | undefined {
  const attempt = Number(row.tags[attribute.attempt]);
  return attempt >= 1 ? attempt : undefined;
}

function toTraceRow(
  { row, depth, offsetUs = 0, durationUs, segments }: WaterfallRow,
  startUs: number,
  attempt: number | undefined,
): TraceRow {
  const { traceId, name, services, kinds, error, correction, tags } = row;
  const wait = segments.find(({ kind }) => kind === "wait");
  return {
    key: spanKey(row),
    traceId,
    depth,
    name,
    services,
    kinds,
    fromUs: offsetUs,
    durationUs: durationUs ?? null,
    wait: wait && { fromUs: wait.fromUs, toUs: wait.toUs },
    error,
    correction,
    logs: (row.annotations ?? []).map(({ timestamp, value }) => ({
      atUs: timestamp - startUs,
      text: value,
    })),
    tags,
    attempt,
  };
}
