import { compareWaterfalls, layOutWaterfall, spanKey } from "@playground/shared/waterfall";
import { z } from "zod";
import { type EmailTrace, emailTrace } from "./email_trace.ts";
import { timeAxis, toAxis } from "./picture.ts";

const comparedTrace = emailTrace.unwrap().omit({ spans: true }).readonly();

/** Two traces side by side, from the left one's view, as in `Comparison`. */
export const traceComparison = z.object({
  left: comparedTrace,
  right: comparedTrace,
  summary: z.string(),
  differences: z.array(z.string()).readonly(),
  rows: z.array(
    z.object({
      name: z.string(),
      depth: z.int().min(0),
      status: z.enum(["new", "missing", "slower", "faster", "same"]),
      difference: z.string(),
      /** The keys of its rows in the traces. */
      leftKey: z.string().optional(),
      rightKey: z.string().optional(),
    }).readonly(),
  ).readonly(),
  shares: z.array(
    z.object({
      service: z.string(),
      what: z.string(),
      isWait: z.boolean(),
      leftUs: z.int().min(0),
      rightUs: z.int().min(0),
    }).readonly(),
  ).readonly(),
  /** The axes for both, as in a picture. */
  totalUs: z.int().min(0),
  trueAxis: timeAxis,
  compressedAxis: timeAxis.optional(),
}).readonly();

/** Two traces side by side; see {@linkcode traceComparison}. */
export type TraceComparison = z.output<typeof traceComparison>;

/** Compares two traces, or emails. */
export function compareTraces(left: EmailTrace, right: EmailTrace): TraceComparison {
  const { rows, trueAxis, compressedAxis, ...rest } = compareWaterfalls(
    layOutWaterfall(left.spans),
    layOutWaterfall(right.spans),
  );
  return {
    ...rest,
    left: withoutSpans(left),
    right: withoutSpans(right),
    rows: rows.map(({ left, right, ...row }) => ({
      ...row,
      leftKey: left && spanKey(left.row),
      rightKey: right && spanKey(right.row),
    })),
    totalUs: trueAxis.totalUs,
    trueAxis: toAxis(trueAxis),
    compressedAxis: compressedAxis && toAxis(compressedAxis),
  };
}

function withoutSpans({ spans: _, ...trace }: EmailTrace): TraceComparison["left"] {
  return trace;
}
