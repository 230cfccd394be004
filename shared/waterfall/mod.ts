/**
 * Lays out traces as waterfalls. {@linkcode toSpanRows} makes one row of the records that share an id, with the clocks of a
 * call's two sides aligned; {@linkcode layOutWaterfall} puts the rows in tree order, with their bars and the critical path;
 * {@linkcode compressedAxis} places each moment. Everything here is pure. The terminal, the page of the message server and the
 * page of the embedded Zipkin draw the same layout.
 *
 * ```ts
 * import { formatDuration, layOutWaterfall } from "@playground/shared/waterfall";
 *
 * const spans = [
 *   { traceId: "a1", id: "1", name: "get", timestamp: 1_000, duration: 500 },
 *   { traceId: "a1", id: "2", parentId: "1", name: "work", timestamp: 1_100, duration: 300 },
 * ];
 * for (const { branch, row, durationUs = 0 } of layOutWaterfall(spans).rows) {
 *   console.log(branch + row.name, formatDuration(durationUs)); // "get 500 µs", "└─ work 300 µs"
 * }
 * ```
 *
 * @module
 */
export { formatDuration, placeOf } from "./drawing.js";
export type { PathStep } from "./critical_path.ts";
export type { Interval } from "./interval.ts";
export { layOutWaterfall } from "./layout.ts";
export type { Segment, SegmentKind, Waterfall, WaterfallRow } from "./layout.ts";
export { linksOf } from "./links.ts";
export type { RowLink } from "./links.ts";
export { explainMissingParent } from "./missing_parent.ts";
export type { PictureFacts } from "./missing_parent.ts";
export type { TreeRow } from "./row_tree.ts";
export { toSpanRows } from "./span_row.ts";
export type { SpanRow, Wait } from "./span_row.ts";
export { compressedAxis, ticksOf, trueAxis } from "./time_axis.ts";
export type { TimeAxis } from "./time_axis.ts";
export { describeWait, timeSpent } from "./time_spent.ts";
export type { TimeShare } from "./time_spent.ts";
export { originKey, spanKey } from "../tracing/zipkin_span.ts";
