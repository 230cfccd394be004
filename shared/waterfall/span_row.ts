import {
  spanKey,
  type ZipkinAnnotation,
  type ZipkinKind,
  type ZipkinSpan,
} from "../tracing/zipkin_span.ts";
import { alignCauses } from "./cause_order.ts";
import { alignClocks, type AlignedSpan } from "./clock_skew.ts";
import { formatDuration } from "./drawing.js";
import type { Interval } from "./interval.ts";
import { type DistinctSpan, withDistinctIds } from "./shared_ids.ts";

/** A part of a span in which it waits. */
export interface Wait extends Interval {
  /** The service that it waits in, or for. */
  readonly place: string;
}

/** One row of a waterfall: a span with everything that its records say about it. */
export interface SpanRow {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  /** The span's name, or `unnamed`. */
  readonly name: string;
  /** The services that recorded it, the sending side first. */
  readonly services: readonly string[];
  /** The kinds of its records, the sending side first. */
  readonly kinds: readonly ZipkinKind[];
  /** From the first start to the last end; a span without a timestamp has none. */
  readonly interval?: Interval;
  /** False while no record says how long the span took. */
  readonly isFinished: boolean;
  /** The part of the interval that a message waited in a queue. */
  readonly wait?: Wait;
  /** Why it failed; a failed span always has a reason here. */
  readonly error?: string;
  /** Corrections, in words: of a wrong clock, a span that came twice, an id that several spans have. */
  readonly correction?: string;
  /** What was logged in it, in order of time. */
  readonly annotations: readonly ZipkinAnnotation[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Makes one row of the records that share a trace id and a span id, as Zipkin does; in order of start, those without one last. */
export function toSpanRows(spans: readonly ZipkinSpan[]): readonly SpanRow[] {
  const aligned = alignCauses(alignClocks(withDistinctIds(spans)));
  const recordsOfSpan = Map.groupBy(aligned, spanKey);
  return [...recordsOfSpan.values()].map(mergeRecords).sort(compareByStart);
}

export function compareByStart(left: SpanRow, right: SpanRow): number {
  const leftUs = left.interval?.fromUs ?? Number.MAX_VALUE;
  const rightUs = right.interval?.fromUs ?? Number.MAX_VALUE;
  return leftUs - rightUs;
}

function mergeRecords(unordered: readonly (AlignedSpan & DistinctSpan)[]): SpanRow {
  const records = unordered.toSorted(compareSides);
  const [first] = records;
  if (first === undefined) throw new TypeError("Cannot merge records: there are none");
  return {
    traceId: first.traceId,
    id: first.id,
    parentId: firstDefined(records, (record) => record.parentId),
    name: firstDefined(records, (record) => record.name) ?? "unnamed",
    services: distinct(records.map((record) => record.localEndpoint?.serviceName)),
    kinds: distinct(records.map((record) => record.kind)),
    interval: hull(records),
    isFinished: records.some((record) => record.duration !== undefined),
    wait: queueWait(records),
    error: errorOf(records),
    correction: correctionOf(records),
    annotations: records.flatMap(({ annotations = [] }) => annotations)
      .sort((left, right) => left.timestamp - right.timestamp),
    tags: Object.fromEntries(records.flatMap((record) => Object.entries(record.tags ?? {}))),
  };
}

function compareSides(left: ZipkinSpan, right: ZipkinSpan): number {
  return rank(left) - rank(right) || (left.timestamp ?? 0) - (right.timestamp ?? 0);
}

function rank({ kind }: ZipkinSpan): number {
  return kind === "CLIENT" || kind === "PRODUCER" ? 0 : 1;
}

function hull(records: readonly ZipkinSpan[]): Interval | undefined {
  const intervals = records.map(intervalOf).filter((interval) => interval !== undefined);
  const [first] = intervals;
  return first && intervals.reduce((whole, { fromUs, toUs }) => ({
    fromUs: Math.min(whole.fromUs, fromUs),
    toUs: Math.max(whole.toUs, toUs),
  }), first);
}

function intervalOf({ timestamp, duration = 0 }: ZipkinSpan): Interval | undefined {
  return timestamp === undefined ? undefined : { fromUs: timestamp, toUs: timestamp + duration };
}

/**
 * The wait between the halves of one span: the producer's ends when the broker has the message, the consumer's when it is
 * received. In other systems a consumer span with an id of its own is the work on the message.
 */
function queueWait(records: readonly ZipkinSpan[]): Wait | undefined {
  const published = records.find((record) => record.kind === "PRODUCER");
  const received = records.find((record) => record.kind === "CONSUMER");
  if (published === undefined || received === undefined) return undefined;
  const fromUs = intervalOf(published)?.toUs;
  const toUs = intervalOf(received)?.toUs;
  if (fromUs === undefined || toUs === undefined || fromUs >= toUs) return undefined;
  return { fromUs, toUs, place: received.localEndpoint?.serviceName ?? "" };
}

function errorOf(records: readonly ZipkinSpan[]): string | undefined {
  const reasons = records.map((record) => record.tags?.error);
  if (reasons.every((reason) => reason === undefined)) return undefined;
  return distinct(reasons).join("; ") || "no reason given";
}

function correctionOf(records: readonly (AlignedSpan & DistinctSpan)[]): string | undefined {
  const corrections = [clockCorrection(records), ofTwice(records), ofSharedId(records)];
  return corrections.filter((text) => text !== undefined).join("; ") || undefined;
}

function clockCorrection(records: readonly AlignedSpan[]): string | undefined {
  const moved = records.find(({ movedUs }) => movedUs !== undefined);
  const { movedUs = 0, localEndpoint } = moved ?? {};
  if (movedUs === 0) return undefined;
  const by = `${formatDuration(Math.abs(movedUs))} ${movedUs > 0 ? "behind" : "ahead"}`;
  return `the clock of ${localEndpoint?.serviceName ?? "the server"} is ${by}; corrected here`;
}

/** A span may be sent in pieces, of which one has the duration. */
function ofTwice(records: readonly ZipkinSpan[]): string | undefined {
  const whole = records.filter(({ duration }) => duration !== undefined);
  const bySide = Map.groupBy(
    whole,
    ({ kind, localEndpoint }) => `${localEndpoint?.serviceName} ${kind}`,
  );
  const count = Math.max(...bySide.values().map(({ length }) => length));
  return count > 1 ? `it came ${count === 2 ? "twice" : `${count} times`}; merged here` : undefined;
}

function ofSharedId([first]: readonly DistinctSpan[]): string | undefined {
  return first?.sharesIdWith &&
    `its id is also that of ${first.sharesIdWith.join(", ")}; shown apart`;
}

function firstDefined<Value>(
  records: readonly ZipkinSpan[],
  pick: (record: ZipkinSpan) => Value | undefined,
): Value | undefined {
  return records.map(pick).find((value) => value !== undefined);
}

function distinct<Value extends string>(values: readonly (Value | undefined)[]): readonly Value[] {
  return [
    ...new Set(values.flatMap((value) => value === undefined || value === "" ? [] : [value])),
  ];
}
