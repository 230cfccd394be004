import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { InvalidRequestError } from "./span_fields.ts";

/** What `GET /api/v2/traces` may ask for; Zipkin's `QueryRequest`. */
export interface TraceQuery {
  /** The other conditions hold for this service's spans. */
  readonly serviceName: string | undefined;
  readonly remoteServiceName: string | undefined;
  readonly spanName: string | undefined;
  /** Tags that must be there, with their value or, when it is empty, with any (or as an annotation). */
  readonly annotations: ReadonlyMap<string, string>;
  readonly minDurationUs: number | undefined;
  readonly maxDurationUs: number | undefined;
  /** Only traces that start at or before this, in milliseconds since the epoch. */
  readonly endMs: number;
  /** Only traces that start at most so many milliseconds before the end. */
  readonly lookbackMs: number;
  readonly limit: number;
}

type Parameters = Readonly<Record<string, string | undefined>>;

/** A day: Zipkin's `QUERY_LOOKBACK`. */
const DEFAULT_LOOKBACK_MS = 86_400_000;

const DEFAULT_LIMIT = 10;

/** @throws {InvalidRequestError} When a parameter makes no sense, in Zipkin's words. */
export function parseTraceQuery(parameters: Parameters, nowMs: number): TraceQuery {
  const name = (parameter: string) => parameters[parameter]?.toLowerCase() || undefined;
  const spanName = name("spanName");
  const minDurationUs = readPositive(parameters, "minDuration");
  const maxDurationUs = readPositive(parameters, "maxDuration");
  if (maxDurationUs !== undefined && minDurationUs === undefined) {
    throw new InvalidRequestError("maxDuration is only valid with minDuration");
  }
  if (maxDurationUs !== undefined && minDurationUs !== undefined && maxDurationUs < minDurationUs) {
    throw new InvalidRequestError("maxDuration < minDuration");
  }
  return {
    serviceName: name("serviceName"),
    remoteServiceName: name("remoteServiceName"),
    spanName: spanName === "all" ? undefined : spanName,
    annotations: parseAnnotationQuery(parameters.annotationQuery ?? ""),
    minDurationUs,
    maxDurationUs,
    ...parseTimeRange(parameters, nowMs),
    limit: readPositive(parameters, "limit") ?? DEFAULT_LIMIT,
  };
}

/** @throws {InvalidRequestError} When `endTs` or `lookback` is not a positive number. */
export function parseTimeRange(
  parameters: Parameters,
  nowMs: number,
): Pick<TraceQuery, "endMs" | "lookbackMs"> {
  return {
    endMs: readPositive(parameters, "endTs") ?? nowMs,
    lookbackMs: readPositive(parameters, "lookback") ?? DEFAULT_LOOKBACK_MS,
  };
}

/** Follows `QueryRequest.test`. */
export function matches(query: TraceQuery, spans: readonly ZipkinSpan[]): boolean {
  const startUs = startOfTrace(spans);
  const endUs = query.endMs * 1_000;
  if (startUs === undefined || startUs > endUs || startUs < endUs - query.lookbackMs * 1_000) {
    return false;
  }
  const { serviceName, remoteServiceName, spanName } = query;
  const candidates = serviceName === undefined
    ? spans
    : spans.filter((span) => span.localEndpoint?.serviceName === serviceName);
  return candidates.length > 0 &&
    (remoteServiceName === undefined ||
      candidates.some((span) => span.remoteEndpoint?.serviceName === remoteServiceName)) &&
    (spanName === undefined || candidates.some((span) => span.name === spanName)) &&
    candidates.some((span) => hasDuration(query, span)) &&
    [...query.annotations].every(([key, value]) =>
      candidates.some((span) => hasAnnotation(span, key, value))
    );
}

function startOfTrace(spans: readonly ZipkinSpan[]): number | undefined {
  const timed = spans.filter(({ timestamp }) => timestamp !== undefined)
    .toSorted((left, right) => (left.timestamp ?? 0) - (right.timestamp ?? 0));
  const first = timed.find(({ parentId }) => parentId === undefined) ?? timed[0];
  return first?.timestamp;
}

function hasDuration({ minDurationUs, maxDurationUs }: TraceQuery, span: ZipkinSpan): boolean {
  const durationUs = span.duration ?? 0;
  return durationUs >= (minDurationUs ?? 0) && durationUs <= (maxDurationUs ?? Infinity);
}

function hasAnnotation({ tags = {}, annotations = [] }: ZipkinSpan, key: string, value: string) {
  if (Object.hasOwn(tags, key) && (value === "" || tags[key] === value)) return true;
  return value === "" && annotations.some((annotation) => annotation.value === key);
}

/** `http.method=GET and error`: several conditions, each a tag with its value, or a tag or annotation alone. */
function parseAnnotationQuery(text: string): ReadonlyMap<string, string> {
  const conditions = new Map<string, string>();
  if (text === "") return conditions;
  for (const condition of text.split(" and ")) {
    const [key = "", ...value] = condition.split("=");
    if (value.length > 0) conditions.set(key.trim(), value.join("=").trim());
    else if (!conditions.has(key.trim())) conditions.set(key.trim(), "");
  }
  return conditions;
}

function readPositive(parameters: Parameters, name: string): number | undefined {
  const text = parameters[name] ?? "";
  if (text === "") return undefined;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidRequestError(`For input string: "${text}"`);
  }
  if (value <= 0) throw new InvalidRequestError(`${name} <= 0`);
  return value;
}
