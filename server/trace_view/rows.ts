import { attribute } from "@playground/shared/tracing";
import { parentKey, type ZipkinAnnotation } from "@playground/shared/tracing/zipkin-span";
import {
  describeWait,
  linksOf,
  missingIn,
  type PictureFacts,
  spanKey,
  type Waterfall,
} from "@playground/shared/waterfall";
import { z } from "zod";
import { countIn } from "./email_state.ts";

const interval = { fromUs: z.int(), toUs: z.int() };

/** One row of the picture of an email's traces: a span with its place in the tree and on the time axis, as in `WaterfallRow`. */
export const traceRow = z.object({
  key: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentId: z.string().optional(),
  depth: z.int().min(0),
  name: z.string(),
  services: z.array(z.string()).readonly(),
  kinds: z.array(z.string()).readonly(),
  /** Microseconds from the start of the picture. */
  fromUs: z.int().min(0),
  /** Microseconds; null while the span is not finished. */
  durationUs: z.int().min(0).nullable(),
  ownUs: z.int().min(0),
  segments: z.array(
    z.object({ kind: z.enum(["own", "child", "wait"]), ...interval }).readonly(),
  ).readonly(),
  wait: z.object({
    ...interval,
    place: z.string(),
    /** Such as `waits 3.40 s for the next poll`. */
    text: z.string(),
  }).readonly().optional(),
  error: z.string().optional(),
  says: z.string().optional(),
  /** What is missing here, and why: its parent, a child that it always has, or the trace of its message or mail. */
  missingParent: z.string().optional(),
  correction: z.string().optional(),
  /** What was logged in it, in order of time; microseconds from the start of the picture. */
  logs: z.array(
    z.object({
      atUs: z.int(),
      /** `info`, `warning` and so on, if the text began with one. */
      level: z.string().optional(),
      text: z.string(),
    }).readonly(),
  ).readonly(),
  tags: z.record(z.string(), z.string()).readonly(),
  link: z.object({
    text: z.string(),
    traceId: z.string(),
    rowKey: z.string().optional(),
  }).readonly().optional(),
  /** Which attempt to send the email it belongs to, from 1. */
  attempt: z.int().min(1).optional(),
}).readonly();

/** One row of the picture of an email's traces; see {@linkcode traceRow}. */
export type TraceRow = z.output<typeof traceRow>;

/** Makes the rows of an email: the same ones, in the same order, as the terminal draws. */
export function toTraceRows(
  { startUs, rows }: Waterfall,
  facts: PictureFacts,
): readonly TraceRow[] {
  const missing = missingIn(rows, facts);
  const attempts = new Map<string | undefined, number>();
  const links = linksOf(rows.map(({ row }) => row));
  return rows.map((place): TraceRow => {
    const { row, depth, offsetUs = 0, durationUs, ownUs, segments, wait, says } = place;
    const { traceId, id, parentId, name, services, kinds, error, correction, tags } = row;
    const attempt = countIn(tags[attribute.attempt]) ?? attempts.get(parentKey(row));
    // A sent mail belongs to the attempt; spans after a retry name their own attempt.
    if (attempt !== undefined && name === "emailer") attempts.set(spanKey(row), attempt);
    const link = links.get(row);
    return {
      key: spanKey(row),
      traceId,
      spanId: id,
      parentId,
      depth,
      name,
      services,
      kinds,
      fromUs: offsetUs,
      durationUs: durationUs ?? null,
      ownUs,
      segments: segments.flatMap(({ kind, fromUs, toUs }) =>
        kind === "idle" ? [] : [{ kind, fromUs, toUs }]
      ),
      wait: wait && { ...wait, text: describeWait(place) ?? "" },
      error,
      says,
      correction,
      logs: row.annotations.map((annotation) => toLog(annotation, startUs)),
      tags,
      attempt,
      missingParent: missing(place),
      link: link && {
        text: link.text,
        traceId: link.traceId,
        rowKey: link.row && spanKey(link.row),
      },
    };
  });
}

/** A log record in a span begins with its level (`shared/logging`). */
const LEVEL = /^(?<level>DEBUG|INFO|WARNING|ERROR|FATAL) (?<rest>.*)$/s;

function toLog({ timestamp, value }: ZipkinAnnotation, startUs: number): TraceRow["logs"][number] {
  const { level, rest = value } = LEVEL.exec(value)?.groups ?? {};
  return { atUs: timestamp - startUs, level: level?.toLowerCase(), text: rest };
}
