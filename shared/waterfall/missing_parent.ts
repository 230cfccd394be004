import { attribute } from "../tracing/attributes.ts";
import { EMAIL_TRACE, POLL_TRACE } from "../tracing/catalogue.ts";
import type { TreeRow } from "./row_tree.ts";
import type { SpanRow } from "./span_row.ts";

/** Facts about a picture besides its spans. */
export interface PictureFacts {
  /** Microseconds since 1970. */
  readonly nowUs: number;
  /** How many spans are not in the picture. @default none */
  readonly omittedSpanCount?: number | undefined;
}

/** Spans are reported in batches after they end; a collector gets them later after an outage. */
const LATEST_ARRIVAL_US = 15_000_000;

const DEFINITIONS = [...EMAIL_TRACE, ...POLL_TRACE];

/** The likely reason why a span's parent is missing; `undefined` if it has one, or needs none. */
export function explainMissingParent(
  { row, depth, isParentMissing }: Pick<TreeRow, "row" | "depth" | "isParentMissing">,
  { nowUs, omittedSpanCount = 0 }: PictureFacts,
): string | undefined {
  const { name, services, tags, parentId } = row;
  const isRetry = name === "emailer" && Number(tags[attribute.attempt] ?? 1) > 1;
  const known = DEFINITIONS.find((span) => span.name === name && services.includes(span.service));
  const parentName = isRetry ? "amqp-retry" : known?.parent;
  if (!isParentMissing) {
    const isLinked = tags[attribute.originTraceId] !== undefined;
    if (parentName === undefined || parentId !== undefined || depth > 0 || isLinked) {
      return undefined;
    }
    return name === "emailer"
      ? `Nothing leads to ${name}: its message had no X-B3 headers that can be read`
      : `Nothing leads to ${name}: no trace context came with its work`;
  }
  if (omittedSpanCount > 0) return `The parent of ${name} is among the spans that are left out`;
  if (name === "schedule-email") {
    return `${name} continues its caller's trace, whose other spans are not in this collector`;
  }
  const parent = parentName === undefined
    ? `The parent of ${name}`
    : `The parent of ${name}, ${parentName},`;
  if (!isLongAgo(row, nowUs)) {
    return `${parent} is not here yet: a span is reported when it has ended`;
  }
  const reporter = DEFINITIONS.find((span) => span.name === parentName)?.service ?? "its service";
  return `${parent} never arrived: ${reporter} did not report it, or it was lost on the way`;
}

/** Whether spans that belong to a row would have arrived by now. */
export function isLongAgo({ interval }: Pick<SpanRow, "interval">, nowUs: number): boolean {
  return nowUs - (interval?.toUs ?? nowUs) >= LATEST_ARRIVAL_US;
}
