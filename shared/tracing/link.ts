import { type Context, type SpanContext, trace } from "@opentelemetry/api";
import { attribute } from "./attributes.ts";
import { isDebug, spanDecision, withCallerDecision } from "./sampler.ts";

/** The relation to the span of another trace that a span continues: a link, and the same as tags, since Zipkin has no links. */
export function linkTo(origin: SpanContext) {
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
  const fresh = trace.deleteSpan(current);
  return isDebug(current) ? fresh : withCallerDecision(fresh, spanDecision(current));
}
