/**
 * Traces laid out as waterfalls. Records go in as Zipkin's API has them; {@linkcode toSpanRows} makes one row of the records
 * that share an id, with the clocks of a call's two sides aligned; {@linkcode layOutWaterfall} puts the rows in the order of their tree and on a time axis. Everything here is
 * pure. The terminal, the page of the message server and the page of the embedded Zipkin draw the same layout.
 *
 * @module
 */
export { formatDuration } from "./duration.ts";
export { gapsBetween } from "./interval.ts";
export type { Interval } from "./interval.ts";
export { layOutWaterfall } from "./layout.ts";
export type { Segment, SegmentKind, Waterfall, WaterfallRow } from "./layout.ts";
export type { TreeRow } from "./row_tree.ts";
export { spanKey } from "./span_key.ts";
export { toSpanRows } from "./span_row.ts";
export type { SpanRow } from "./span_row.ts";
export type { ZipkinKind } from "../tracing/zipkin_span.ts";
