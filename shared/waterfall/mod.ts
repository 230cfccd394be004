/**
 * Lays out traces as waterfalls. {@linkcode toSpanRows} makes one row of the records that share an id, with the clocks of a
 * call's two sides aligned; {@linkcode layOutWaterfall} puts the rows in tree order, with their bars and the critical path;
 * {@linkcode compressedAxis} places each moment; {@linkcode compareWaterfalls} puts two traces side by side. Everything here is
 * pure. The terminal, the page of the message server and the page of the embedded Zipkin draw the same layout.
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
export * from "./comparison.ts";
export { formatDuration, placeOf } from "./drawing.js";
export type { PathStep } from "./critical_path.ts";
export { intersection, type Interval } from "./interval.ts";
export * from "./layout.ts";
export * from "./links.ts";
export * from "./missing.ts";
export type { TreeRow } from "./row_tree.ts";
export { withDistinctIds } from "./shared_ids.ts";
export { type SpanRow, toSpanRows, type Wait } from "./span_row.ts";
export * from "./time_axis.ts";
export * from "./time_spent.ts";
export { originKey, spanKey } from "../tracing/zipkin_span.ts";
