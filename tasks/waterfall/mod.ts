/**
 * Traces as waterfalls. Records go in as Zipkin's API has them; {@linkcode toSpanRows} makes one row of the records
 * that share an id, {@linkcode layOutWaterfall} puts the rows in the order of their tree and on a time axis, and
 * {@linkcode drawWaterfall} draws that for a terminal. Everything here is pure; the page of the embedded Zipkin draws
 * the same layout in HTML.
 *
 * @module
 */

export { drawWaterfall } from "./draw.ts";
export type { DrawOptions } from "./draw.ts";
export { formatDuration } from "./duration.ts";
export type { Interval } from "./interval.ts";
export { layOutWaterfall } from "./layout.ts";
export type { Segment, SegmentKind, Waterfall, WaterfallRow } from "./layout.ts";
export type { TreeRow } from "./row_tree.ts";
export { toSpanRows } from "./span_row.ts";
export type { SpanRow } from "./span_row.ts";
export type {
  ZipkinAnnotation,
  ZipkinEndpoint,
  ZipkinKind,
  ZipkinSpan,
} from "@playground/shared/tracing/zipkin-span";
