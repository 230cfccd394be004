import type { ExpectedValue, SpanPattern, TraceSpan } from "./description.ts";

/** Spans by parent, in order of time. Two records may share an id: the halves of one span. */
export type SpanTree = ReturnType<typeof treeOf>;

export function treeOf(unordered: readonly TraceSpan[]) {
  const spans = unordered.toSorted((a, b) => startOf(a) - startOf(b));
  const byId = Map.groupBy(spans, ({ traceId, id }) => `${traceId}/${id}`);
  const byParentId = Map.groupBy(spans, ({ traceId, parentId }) => `${traceId}/${parentId}`);
  const parentsOf = (span: TraceSpan) => byId.get(`${span.traceId}/${span.parentId}`) ?? [];
  const childrenOf = (span: TraceSpan) => byParentId.get(`${span.traceId}/${span.id}`) ?? [];
  const roots = spans.filter((span) => parentsOf(span).length === 0);
  return { spans, roots, parentsOf, childrenOf };
}

/** How a span differs from a pattern, in words. */
export function problemsOf(
  pattern: SpanPattern,
  span: TraceSpan,
  { parentsOf }: SpanTree,
): readonly string[] {
  const { isFailed, tags = {}, minDurationMs, maxDurationMs, minWaitMs, maxWaitMs } = pattern;
  const failure = isFailed === undefined ? undefined : isFailed ? ANYTHING : null;
  const values: readonly (readonly [string, ExpectedValue | undefined, string | undefined])[] = [
    ["name", pattern.name, span.name],
    ["service", pattern.service, span.localEndpoint?.serviceName],
    ["remoteService", pattern.remoteService, span.remoteEndpoint?.serviceName],
    ["kind", pattern.kind, span.kind],
    ["parent", pattern.parent, parentsOf(span)[0]?.name],
    ["parentId", pattern.parentId, span.parentId],
    ["id", pattern.id, span.id],
    ["error", pattern.error === undefined ? failure : pattern.error, span.tags?.error],
    ...Object.entries(tags).map(([tag, value]) => [tag, value, span.tags?.[tag]] as const),
  ];
  const parentEndUs = Math.min(...parentsOf(span).map((p) => startOf(p) + (p.duration ?? 0)));
  const ranges = [
    ["duration", (span.duration ?? 0) / 1000, minDurationMs, maxDurationMs],
    ["wait", Math.max(0, (startOf(span) - parentEndUs) / 1000), minWaitMs, maxWaitMs],
  ] as const;
  return [
    ...values.filter(([, expected, actual]) => !fits(expected, actual))
      .map(([what, expected, actual]) => `${what} is ${show(actual)}, not ${show(expected)}`),
    ...ranges.filter(([, ms, min = 0, max = Infinity]) => ms < min || ms > max)
      .map(([what, ms, min = 0, max = "more"]) => `${what} is ${ms} ms, not ${min} to ${max}`),
  ];
}

const ANYTHING = /^/;

/** A span without a start comes last. */
export function startOf({ timestamp = Number.MAX_SAFE_INTEGER }: TraceSpan): number {
  return timestamp;
}

function fits(expected: ExpectedValue | undefined, actual: string | undefined): boolean {
  if (expected instanceof RegExp) return actual !== undefined && actual.search(expected) >= 0;
  return expected === undefined || (expected ?? undefined) === actual;
}

function show(value: ExpectedValue | undefined): string {
  if (value instanceof RegExp) return value === ANYTHING ? "present" : String(value);
  return value === undefined || value === null ? "absent" : JSON.stringify(value);
}
