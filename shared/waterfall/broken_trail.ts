import { attribute } from "../tracing/attributes.ts";
import { parentKey, spanKey } from "../tracing/zipkin_span.ts";
import { explainMissingParent, isLongAgo, type PictureFacts } from "./missing_parent.ts";
import type { TreeRow } from "./row_tree.ts";
import type { SpanRow } from "./span_row.ts";

type Place = Pick<TreeRow, "row" | "depth" | "isParentMissing">;

/**
 * Makes the function that says what is missing at a row of a picture, and the likely reason: its parent, a child that it always
 * has, or the trace context of its message or mail. Its result is `undefined` where nothing is missing.
 */
export function missingIn(
  picture: readonly Place[],
  facts: PictureFacts,
): (place: Place) => string | undefined {
  const trails = trailsIn(picture.map(({ row }) => row));
  return (place) =>
    explainForeignContext(place.row, trails) ?? explainMissingParent(place, facts) ??
      explainMissingChild(place.row, trails, facts);
}

/** The email's id is a tag on both sides of a context that was lost or replaced. */
interface Trails {
  /** The traces in which an email's message was published and received, by its id. */
  readonly published: ReadonlyMap<string | undefined, readonly SpanRow[]>;
  readonly received: ReadonlyMap<string | undefined, readonly SpanRow[]>;
  readonly children: ReadonlyMap<string | undefined, readonly SpanRow[]>;
}

function trailsIn(rows: readonly SpanRow[]): Trails {
  const published = rows.filter((row) => isPublish(row) && row.kinds[0] === "PRODUCER");
  return {
    published: Map.groupBy(published, ({ tags }) => tags[attribute.messagingMessageId]),
    received: Map.groupBy(
      rows.filter(({ name }) => name === "emailer"),
      ({ tags }) => tags[attribute.correlationId],
    ),
    children: Map.groupBy(rows, parentKey),
  };
}

function explainForeignContext(
  { name, kinds, tags, traceId }: SpanRow,
  { published, received }: Trails,
): string | undefined {
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

function explainMissingChild(
  row: SpanRow,
  { received, children }: Trails,
  { nowUs, omittedSpanCount = 0 }: PictureFacts,
): string | undefined {
  const { name, error, kinds, tags } = row;
  if (error !== undefined || omittedSpanCount > 0) return undefined;
  const hasChild = (child: string) =>
    children.get(spanKey(row))?.some((other) => other.name === child) ?? false;
  if (isPublish(row)) {
    if (kinds.includes("CONSUMER") || hasChild("emailer")) return undefined;
    const messageId = tags[attribute.messagingMessageId] ?? "";
    if (received.get(messageId)?.some(({ traceId }) => traceId !== row.traceId)) {
      return "Its message goes on in another trace: it lost this context on the way";
    }
    // A retry waits for long.
    return name === "amqp-publish" && isLongAgo(row, nowUs)
      ? "Nothing follows: the message waits, or emailer's spans were lost or not sampled"
      : undefined;
  }
  const child = name === "schedule-email" && tags[attribute.httpStatusCode] === "202"
    ? "amqp-publish"
    : name === "emailer" && tags[attribute.outcome] === "delivered"
    ? "send-email"
    : undefined;
  return child === undefined || hasChild(child) || !isLongAgo(row, nowUs)
    ? undefined
    : `Its ${child} never arrived: ${row.services[0]} did not report it, or it was lost on the way`;
}

function isPublish({ name }: SpanRow): boolean {
  return name === "amqp-publish" || name === "amqp-retry";
}
