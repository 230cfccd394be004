import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { B3Propagator } from "@opentelemetry/propagator-b3";
import { baggageHeader, withBaggage } from "./baggage.ts";
import { type CallerDecision, isDebug, withCallerDecision } from "./sampler.ts";
import type { PropagatorName } from "../telemetry/telemetry.ts";
import { readTraceState } from "./trace_state.ts";

/** Reads one header by its name in lower case, whatever the carrier's case. */
export type HeaderReader = (lowerCaseName: string) => string | undefined;

/** The B3 headers of one span, in the case that the original and other B3 libraries expect. */
interface B3Headers {
  /** 32 hexadecimal digits. */
  readonly "X-B3-TraceId": string;
  /** 16 hexadecimal digits. */
  readonly "X-B3-SpanId": string;
  /** The parent's 16 hexadecimal digits; a root has none. */
  readonly "X-B3-ParentSpanId"?: string;
  /** `1` or `0`; absent when debug is set, which implies it. */
  readonly "X-B3-Sampled"?: string;
  /** `1`: debug, sampled whatever any ratio says. */
  readonly "X-B3-Flags"?: string;
}

/** The headers that carry a context through a message or a mail. */
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
  const traceState = span === undefined ? undefined : readTraceState(header("tracestate"));
  if (span === undefined || traceState === undefined) return context;
  const isOfOtherTrace = (trace.getSpanContext(fromW3c) ?? span).traceId !== span.traceId;
  return isOfOtherTrace ? context : trace.setSpanContext(context, { ...span, traceState });
}

function callerDecision(
  read: HeaderReader,
  single: string | undefined,
): CallerDecision | undefined {
  const complete = single?.match(SINGLE_HEADER);
  if (complete) return SAMPLING_STATES.get(complete.groups?.state);
  const alone = SAMPLING_STATES.get(single);
  if (alone !== undefined) return alone;
  if (read("x-b3-flags") === "1") return "debug";
  return SAMPLING_STATES.get(read("x-b3-sampled"));
}

const readerGetter = {
  get: (read: HeaderReader, key: string) => read(key.toLowerCase()),
  keys: () => [],
};

/**
 * The B3 headers that carry a context to the next hop. OpenTelemetry's propagator omits the parent's id, which the broker's half
 * of `amqp-publish` needs, and loses a debug flag in the single `b3` header. `undefined` when the context has no span.
 */
export function b3Headers(context: Context): B3Headers | undefined {
  const span: Span & Partial<ReadableSpan> | undefined = trace.getSpan(context);
  if (span === undefined) return undefined;
  const spanContext = span.spanContext();
  const parentSpanId = span.parentSpanContext?.spanId;
  const sampled = (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
  return {
    "X-B3-TraceId": spanContext.traceId,
    "X-B3-SpanId": spanContext.spanId,
    ...(parentSpanId === undefined ? {} : { "X-B3-ParentSpanId": parentSpanId }),
    ...(isDebug(context) ? { "X-B3-Flags": "1" } : { "X-B3-Sampled": sampled ? "1" : "0" }),
  };
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
  b3: (context, { traceId, spanId, traceFlags }) => {
    const sampled = (traceFlags & TraceFlags.SAMPLED) === 0 ? "0" : "1";
    return { b3: `${traceId}-${spanId}-${isDebug(context) ? "d" : sampled}` };
  },
  tracecontext: (_, { traceId, spanId, traceFlags }) => ({
    traceparent: `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? "00" : "01"}`,
  }),
  baggage: baggageHeader,
  none: () => undefined,
};

/** The id of the active span's trace; `null` outside any span. */
export function activeTraceId(): string | null {
  return trace.getActiveSpan()?.spanContext().traceId ?? null;
}
