import { spanKey, type ZipkinSpan } from "../tracing/zipkin_span.ts";

/** A record of a span whose id other spans have as well. */
export type DistinctSpan = ZipkinSpan & {
  /** The names of the others; of many, the first ones and how many more there are. */
  readonly sharesIdWith?: readonly string[];
};

/** A thousand spans that each name all others would be a million names. */
const MAX_NAMES = 3;

/**
 * Gives each span an id of its own where several share one: the first keeps it, the others get it with a number. The two sides of
 * a call or of a message are one span, and so is what one service sent in pieces or twice.
 */
export function withDistinctIds(spans: readonly ZipkinSpan[]): readonly DistinctSpan[] {
  return [...Map.groupBy(spans, spanKey).values()].flatMap((records) => {
    if (records.length === 1) return records;
    const distinct: ZipkinSpan[][] = [];
    for (const record of records) {
      const same = distinct.find((others) => others.every((other) => isSameSpan(other, record)));
      if (same === undefined) distinct.push([record]);
      else same.push(record);
    }
    if (distinct.length === 1) return records;
    const names = distinct.slice(0, MAX_NAMES + 1).map(([first]) => first?.name ?? "unnamed");
    return distinct.flatMap((own, index) => {
      const others = names.toSpliced(index, 1).slice(0, MAX_NAMES);
      const moreCount = distinct.length - 1 - others.length;
      const sharesIdWith = moreCount > 0 ? [...others, `${moreCount} more`] : others;
      return own.map((record): DistinctSpan => ({
        ...record,
        id: index === 0 ? record.id : `${record.id}~${index + 1}`,
        sharesIdWith,
      }));
    });
  });
}

function isSameSpan(one: ZipkinSpan, other: ZipkinSpan): boolean {
  if (areSides(one, other) || areSides(other, one)) return true;
  const differ = (a: string | number | undefined, b: string | number | undefined) =>
    a !== undefined && b !== undefined && a !== b;
  if (differ(one.name, other.name)) return false;
  const isOfOneService = !differ(one.localEndpoint?.serviceName, other.localEndpoint?.serviceName);
  return !isOfOneService || !differ(one.timestamp, other.timestamp);
}

function areSides(one: ZipkinSpan, other: ZipkinSpan): boolean {
  return (one.kind === "CLIENT" && other.kind === "SERVER") ||
    (one.kind === "PRODUCER" && other.kind === "CONSUMER");
}
