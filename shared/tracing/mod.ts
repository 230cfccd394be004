/**
 * Distributed tracing for all three services.
 *
 * A service makes one {@linkcode Tracing} at its start and wraps its edges in spans. A trace context comes in through {@linkcode
 * extractContext} (from HTTP, AMQP or mail headers) and goes out through {@linkcode traceHeaders}. `record` reports what happened
 * elsewhere or earlier (the broker's half of a publish, a wait in a queue). Finished spans go to the collector through one queue
 * and the exporter that the configuration names.
 *
 * ```ts
 * import { extractContext, Tracing } from "@playground/shared/tracing";
 * import { ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
 *
 * const processor = new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() });
 * await using tracing = new Tracing({ serviceName: "message-server", sampleRatio: 1, processor });
 * const headers = new Headers({ b3: "463ac35c9f6413ad48485a3978bb5ecc-a2fb4a1d1a96d312-1" });
 * const parent = extractContext((name) => headers.get(name) ?? undefined);
 * await tracing.inSpan("schedule-email", { parent }, (span) => {
 *   span.setAttribute("http.method", "POST");
 * });
 * ```
 *
 * @module
 */
export { attribute } from "./attributes.ts";
export { baggageTags } from "./baggage.ts";
export { createSpanProcessor, startTracing } from "./exporter.ts";
export { linkedTraceContext, linkTo } from "./link.ts";
export { activeTraceId, b3Headers, extractContext, traceHeaders } from "./propagation.ts";
export type { HeaderReader, TraceHeaders } from "./propagation.ts";
export { isUnsampled, withCallerDecision } from "./sampler.ts";
export { markFailed, setTags, type Tags, Tracing } from "./tracing.ts";
export type { FinishedSpan, SpanOptions } from "./tracing.ts";
export type { ZipkinSpan } from "./zipkin_span.ts";
