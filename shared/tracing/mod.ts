/**
 * Distributed tracing for all three services.
 *
 * A service makes one {@linkcode Tracing} at its start and wraps its edges in spans with `inSpan`. A trace context comes in
 * through {@linkcode extractContext} (from HTTP, AMQP or mail headers) and goes out through {@linkcode traceHeaders}. Finished
 * spans pass one seam, a processor that {@linkcode createSpanProcessor} chooses, on their way to the collector. What happened
 * elsewhere or earlier (the broker's half of a publish, a wait in a queue) is reported with `record`.
 *
 * @module
 */
export * from "./attributes.ts";
export * from "./batch_exporter.ts";
export * from "./clock.ts";
export * from "./exporter.ts";
export * from "./id_generator.ts";
export * from "./library_exporter.ts";
export * from "./propagation.ts";
export * from "./sampler.ts";
export * from "./span_queue.ts";
export * from "./start.ts";
export * from "./tracing.ts";
export * from "./zipkin_exporter.ts";
export * from "./zipkin_span.ts";
