import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace";

/** The ids that a span shall have, instead of random ones. */
export interface SpanIds {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
}

/**
 * Generates random ids, except for a span that must share its id with another record.
 *
 * Zipkin knows one operation reported by two parties under one id: here the two halves of `amqp-publish`. OpenTelemetry has
 * no such notion; its SDK asks the generator for an id in the same call that starts the span, so handing the id over just
 * before that call is safe.
 */
export class PresetIdGenerator implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #preset: SpanIds | undefined;

  /**
   * Starts a span under the given ids.
   *
   * @param ids The ids.
   * @param start Starts exactly one span, synchronously.
   * @returns What `start` returned.
   */
  withIds<Result>(ids: SpanIds, start: () => Result): Result {
    this.#preset = ids;
    try {
      return start();
    } finally {
      this.#preset = undefined;
    }
  }

  /** Returns a trace id of 32 lower-case hexadecimal digits. */
  generateTraceId(): string {
    return this.#preset?.traceId ?? this.#random.generateTraceId();
  }

  /** Returns a span id of 16 lower-case hexadecimal digits. */
  generateSpanId(): string {
    return this.#preset?.spanId ?? this.#random.generateSpanId();
  }
}
