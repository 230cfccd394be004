import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace";

/** Ids that a span gets instead of random ones, as lower-case hexadecimal digits. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * Generates random ids, except for a span that must share its id with another record.
 *
 * In Zipkin two parties may report one operation under one id: here the two halves of `amqp-publish`. OpenTelemetry does not
 * support this, but its SDK asks the generator for an id within the call that starts the span.
 */
export class PresetIdGenerator implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #preset: SpanIds | undefined;

  /** Gives these ids, if any, to the one span that `start` starts, synchronously. */
  withIds<Result>(ids: SpanIds | undefined, start: () => Result): Result {
    this.#preset = ids;
    try {
      return start();
    } finally {
      this.#preset = undefined;
    }
  }

  generateTraceId(): string {
    return this.#preset?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#preset?.spanId ?? this.#random.generateSpanId();
  }
}
