import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { TraceState, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { B3Propagator } from "@opentelemetry/propagator-b3";
import { baggageHeader, withBaggage } from "./baggage.ts";
import { type CallerDecision, isDebug, withCallerDecision } from "./sampler.ts";
import type { PropagatorName } from "../telemetry/telemetry.ts";

/** Reads one header by its name in lower case, whatever the carrier's case. */
export type HeaderReader = (lowerCaseName: string) => string | undefined;

/** The headers that carry a context through an answer, a message or a mail. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** Without one of them there is no context, as for most requests. */
const CONTEXT_HEADERS = [
  "b3",
  "traceparent",
  "x-b3-traceid",
  "x-b3-sampled",
  "x-b3-flags",
  "baggage",
] as const;

/** No valid trace header but `tracestate` is longer (a `traceparent` has 55 characters, a single `b3` header at most 68). */
const MAX_HEADER_LENGTH = 128;

const b3 = new B3Propagator();
const w3c = new W3CTraceContextPropagator();

let propagators: readonly PropagatorName[] = ["b3multi", "baggage"];

/** Sets the formats in which {@linkcode traceHeaders} writes a context, and whether baggage is read, for this process. */
export function usePropagators(names: readonly PropagatorName[]): void {
  propagators = names;
}

const SINGLE_HEADER =
  /^(?:[0-9a-f]{16}|[0-9a-f]{32})-[0-9a-f]{16}(?:-(?<state>[01d])(?:-[0-9a-f]{16})?)?$/;

const SAMPLING_STATES: ReadonlyMap<string | undefined, CallerDecision> = new Map([
  ["0", "unsampled"],
  ["false", "unsampled"],
  ["1", "sampled"],
  ["true", "sampled"],
  ["d", "debug"],
]);

/**
 * Reads the caller's trace context: B3 in one header or several (https://github.com/openzipkin/b3-propagation), else the W3C
 * `traceparent`; in either case with the `tracestate` and, if `OTEL_PROPAGATORS` names it, the `baggage` beside it. Malformed or
 * long values are ignored. Without ids the context has no span.
 */
export function extractContext(header: HeaderReader): Context {
  if (CONTEXT_HEADERS.every((name) => header(name) === undefined)) return ROOT_CONTEXT;
  const context = extractSpan(header);
  return propagators.includes("baggage") ? withBaggage(context, header("baggage")) : context;
}

function extractSpan(header: HeaderReader): Context {
  const read: HeaderReader = (name) => {
    const value = header(name);
    return value === undefined || value.length > MAX_HEADER_LENGTH ? undefined : value.trim();
  };
  // `traceparent` requires lower-case digits. B3 does not, and some write capitals.
  const readLowerCase: HeaderReader = (name) => read(name)?.toLowerCase();
  const single = readLowerCase("b3");
  const singleIsComplete = single !== undefined && SINGLE_HEADER.test(single);
  const carrier: HeaderReader = (name) =>
    name !== "b3" ? readLowerCase(name) : singleIsComplete ? single : undefined;
  const decision = callerDecision(carrier, single);

  const fromB3 = b3.extract(ROOT_CONTEXT, carrier, readerGetter);
  const traceParent: HeaderReader = (name) => name === "traceparent" ? read(name) : undefined;
  const fromW3c = w3c.extract(ROOT_CONTEXT, traceParent, readerGetter);
  if (trace.getSpanContext(fromB3) !== undefined) {
    const context = withTraceState(fromB3, fromW3c, header);
    return withCallerDecision(context, decision ?? "deferred");
  }
  const context = withTraceState(fromW3c, fromW3c, header);
  // A decision without ids is complete B3: "start a trace of your own, but do (not) report it".
  return decision === undefined ? context : withCallerDecision(context, decision);
}

/** A `tracestate` is about the trace of the `traceparent`, where there is one. */
function withTraceState(context: Context, fromW3c: Context, header: HeaderReader): Context {
  const span = trace.getSpanContext(context);
  const text = header("tracestate");
  if (span === undefined || text === undefined) return context;
  // `TraceState` leaves out malformed entries, and those beyond 512 characters.
  const traceState = new TraceState(text);
  if (traceState.serialize() === "") return context;
  const isOfOtherTrace = (trace.getSpanContext(fromW3c) ?? span).traceId !== span.traceId;
  return isOfOtherTrace ? context : trace.setSpanContext(context, { ...span, traceState });
}

function callerDecision(
  read: HeaderReader,
  single: string | undefined,
): CallerDecision | undefined {
  const complete = single?.match(SINGLE_HEADER);
  if (complete) return SAMPLING_STATES.get(complete.groups?.state);
  return SAMPLING_STATES.get(single) ??
    (read("x-b3-flags") === "1" ? "debug" : SAMPLING_STATES.get(read("x-b3-sampled")));
}

const readerGetter = {
  get: (read: HeaderReader, key: string) => read(key.toLowerCase()),
  keys: () => [],
};

/**
 * The B3 headers of a context, in the case that the original and other B3 libraries expect; a debug flag implies the sampling
 * state. OpenTelemetry's propagator omits the parent's id, which the broker's half of `amqp-publish` needs, and loses a debug flag
 * in the single `b3` header. `undefined` when the context has no span.
 */
export function b3Headers(context: Context): TraceHeaders | undefined {
  const span: Span & Partial<ReadableSpan> | undefined = trace.getSpan(context);
  if (span === undefined) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const headers: Record<string, string> = { "X-B3-TraceId": traceId, "X-B3-SpanId": spanId };
  const parentSpanId = span.parentSpanContext?.spanId;
  if (parentSpanId !== undefined) headers["X-B3-ParentSpanId"] = parentSpanId;
  if (isDebug(context)) headers["X-B3-Flags"] = "1";
  else headers["X-B3-Sampled"] = samplingState(traceFlags);
  return headers;
}

function samplingState(traceFlags: number): "0" | "1" {
  return (traceFlags & TraceFlags.SAMPLED) === 0 ? "0" : "1";
}

/**
 * The headers that carry a context through a message or a mail, in the formats that `OTEL_PROPAGATORS` names, with the caller's
 * `tracestate`. `undefined` when the context has no span, or no format is named.
 */
export function traceHeaders(context: Context): TraceHeaders | undefined {
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const name of propagators) Object.assign(headers, INJECT[name](context, spanContext));
  const tracestate = spanContext.traceState?.serialize();
  if (tracestate !== undefined && propagators.some(carriesIds)) headers.tracestate = tracestate;
  return Object.keys(headers).length === 0 ? undefined : headers;
}

const carriesIds = (name: PropagatorName) => name !== "baggage" && name !== "none";

const INJECT: Readonly<
  Record<PropagatorName, (context: Context, span: SpanContext) => object | undefined>
> = {
  b3multi: b3Headers,
  b3: (context, { traceId, spanId, traceFlags }) => ({
    b3: `${traceId}-${spanId}-${isDebug(context) ? "d" : samplingState(traceFlags)}`,
  }),
  tracecontext: (_, { traceId, spanId, traceFlags }) => ({
    traceparent: `00-${traceId}-${spanId}-0${samplingState(traceFlags)}`,
  }),
  baggage: baggageHeader,
  none: () => undefined,
};

/** The id of the active span's trace; `null` outside any span. */
export function activeTraceId(): string | null {
  return trace.getActiveSpan()?.spanContext().traceId ?? null;
}
