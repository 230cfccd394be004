import { attribute } from "../tracing/attributes.ts";
import { EMAIL_TRACE, POLL_TRACE } from "../tracing/catalogue.ts";
import { parentKey, spanKey } from "../tracing/zipkin_span.ts";
import type { TreeRow } from "./row_tree.ts";
import type { SpanRow } from "./span_row.ts";

/** Facts about a picture besides its spans. */
export interface PictureFacts {
  /** Microseconds since 1970. */
  readonly nowUs: number;
  /** How many spans are not in the picture. @default none */
  readonly omittedSpanCount?: number | undefined;
}

type Place = Pick<TreeRow, "row" | "depth" | "isParentMissing">;

/** Spans are reported in batches after they end; a collector gets them later after an outage. */
const LATEST_ARRIVAL_US = 15_000_000;

const DEFINITIONS = [...EMAIL_TRACE, ...POLL_TRACE];

/**
 * Makes the function that says what is missing at a row of a picture, and the likely reason: its parent, a child that it always
 * has, or the trace context of its message or mail. Its result is `undefined` where nothing is missing.
 */
export function missingIn(
  picture: readonly Place[],
  { nowUs, omittedSpanCount = 0 }: PictureFacts,
): (place: Place) => string | undefined {
  const rows = picture.map(({ row }) => row);
  const children = Map.groupBy(rows, parentKey);
  // The email's id is a tag on both sides of a context that was lost or replaced.
  const published = Map.groupBy(
    rows.filter((row) => isPublish(row) && row.kinds[0] === "PRODUCER"),
    ({ tags }) => tags[attribute.messagingMessageId],
  );
  const received = Map.groupBy(
    rows.filter(({ name }) => name === "emailer"),
    ({ tags }) => tags[attribute.correlationId],
  );
  return (place) =>
    foreignContext(place.row) ?? missingParent(place) ??
      (omittedSpanCount > 0 || place.row.error !== undefined ? undefined : missingChild(place.row));

  function foreignContext({ name, kinds, tags, traceId }: SpanRow): string | undefined {
    const isElsewhere = (rows: readonly SpanRow[] = [], ownTraceId = traceId) =>
      rows.length > 0 && rows.every((other) => other.traceId !== ownTraceId);
    switch (name) {
      case "amqp-publish":
      case "amqp-retry":
        return kinds[0] === "CONSUMER" &&
            isElsewhere(published.get(tags[attribute.messagingMessageId] ?? ""))
          ? "Its message had the context of another trace than its publisher's"
          : undefined;
      case "archive-email":
      case "store-message": {
        const attempts = received.get(tags[attribute.correlationId] ?? "");
        const origin = name === "archive-email" ? traceId : tags[attribute.originTraceId];
        if (attempts?.at(-1)?.tags[attribute.traceThroughSmtp] === "off") return undefined;
        if (!isElsewhere(attempts, origin ?? "")) return undefined;
        return origin === undefined
          ? "Its mail had no X-B3 headers that can be read; correlation_id names the email"
          : "Its mail had the context of another trace than the email's; correlation_id names the email";
      }
      default:
        return undefined;
    }
  }

  function missingParent({ row, depth, isParentMissing }: Place): string | undefined {
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
    if (!isLongAgo(row)) return `${parent} is not here yet: a span is reported when it has ended`;
    return neverArrived(
      parent,
      DEFINITIONS.find((span) => span.name === parentName)?.service ?? "its service",
    );
  }

  function missingChild(row: SpanRow): string | undefined {
    const { name, kinds, tags, services } = row;
    const hasChild = (child: string) =>
      children.get(spanKey(row))?.some((other) => other.name === child) ?? false;
    if (isPublish(row)) {
      if (kinds.includes("CONSUMER") || hasChild("emailer")) return undefined;
      const attempts = received.get(tags[attribute.messagingMessageId] ?? "");
      if (attempts?.some(({ traceId }) => traceId !== row.traceId)) {
        return "Its message goes on in another trace: it lost this context on the way";
      }
      // A retry may wait for minutes.
      return name === "amqp-publish" && isLongAgo(row)
        ? "Nothing follows: the message waits, or emailer's spans were lost or not sampled"
        : undefined;
    }
    const child = name === "schedule-email" && tags[attribute.httpStatusCode] === "202"
      ? "amqp-publish"
      : name === "emailer" && tags[attribute.outcome] === "delivered"
      ? "send-email"
      : undefined;
    return child === undefined || hasChild(child) || !isLongAgo(row)
      ? undefined
      : neverArrived(`Its ${child}`, `${services[0]}`);
  }

  /** Whether spans that belong to a row would have arrived by now. */
  function isLongAgo({ interval }: SpanRow): boolean {
    return nowUs - (interval?.toUs ?? nowUs) >= LATEST_ARRIVAL_US;
  }
}

function isPublish({ name }: SpanRow): boolean {
  return name === "amqp-publish" || name === "amqp-retry";
}

function neverArrived(what: string, reporter: string): string {
  return `${what} never arrived: ${reporter} did not report it, or it was lost on the way`;
}
