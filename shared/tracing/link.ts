import { type Context, type Link, type SpanContext, trace, TraceFlags } from "@opentelemetry/api";
import { attribute } from "./attributes.ts";
import type { Tags } from "./tracing.ts";
import { isDebug, withCallerDecision } from "./sampler.ts";

/** A relation to a span of another trace, as its own span reports it. */
interface SpanLink {
  /** OpenTelemetry's link. */
  readonly links: readonly Link[];
  /** The same as tags, since Zipkin has no links. */
  readonly attributes: Tags;
}

/** The relation to the span of another trace that a span continues. */
export function linkTo(origin: SpanContext): SpanLink {
  return {
    links: [{ context: origin }],
    attributes: {
      [attribute.originTraceId]: origin.traceId,
      [attribute.originSpanId]: origin.spanId,
    },
  };
}

/**
 * The context of a trace of its own that continues another: sampled like that one, and with its baggage. The caller's
 * `tracestate` stays behind: it is about the caller's trace.
 */
export function linkedTraceContext(current: Context): Context {
  const flags = trace.getSpanContext(current)?.traceFlags ?? TraceFlags.NONE;
  const fresh = trace.deleteSpan(current);
  if (isDebug(current)) return fresh;
  return withCallerDecision(
    fresh,
    (flags & TraceFlags.SAMPLED) === 0 ? "unsampled" : "sampled",
  );
}
