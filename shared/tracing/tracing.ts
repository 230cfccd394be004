import {
  type Attributes,
  type Context,
  context,
  type Link,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { getLogger } from "@logtape/logtape";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  type SpanExporter,
  SpanLimits,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { attribute } from "./attributes.ts";
import { createMicrosecondClock, type MicrosecondClock, toHrTime } from "./clock.ts";
import { PresetIdGenerator, type SpanIds } from "./id_generator.ts";
import { withParentSpanId } from "./propagation.ts";
import { CallerSampler } from "./sampler.ts";

/** How to start tracing in one process. */
export interface TracingOptions {
  /** The name of the service as Zipkin shows it, such as `message-server`. */
  readonly serviceName: string;
  /** The part of the traces that start here to be sampled, from 0 to 1. */
  readonly sampleRatio: number;
  /** Where the finished spans go. */
  readonly exporter: SpanExporter;
  /**
   * Turns the finished spans into exports.
   *
   * @default batches, sent twice a second
   */
  readonly processor?: (exporter: SpanExporter) => SpanProcessor;
  /** The clock of all spans. @default {@linkcode createMicrosecondClock} */
  readonly clock?: MicrosecondClock;
}

/** What is known of a span when it starts. */
export interface SpanOptions {
  /** Its role. @default `SpanKind.INTERNAL`, which Zipkin shows as no kind */
  readonly kind?: SpanKind;
  /** Its tags. */
  readonly attributes?: Attributes;
  /** The context that it continues. @default the active one */
  readonly parent?: Context;
  /** Other spans that it relates to. */
  readonly links?: readonly Link[];
  /** When it started, in microseconds since 1970. @default now */
  readonly startMicroseconds?: number;
}

/** A span that is known whole, after the fact. */
export interface FinishedSpan extends SpanOptions {
  /** When it started, in microseconds since 1970. */
  readonly startMicroseconds: number;
  /** When it ended, in microseconds since 1970. @default now */
  readonly endMicroseconds?: number;
  /** Ids to share with a record that another party reports. @default random ids */
  readonly ids?: SpanIds;
  /** What went wrong, where something did. */
  readonly error?: string;
}

/** The longest text in a span: a hostile message or mail server must not fill the memory or the collector. */
const MAX_TEXT_LENGTH = 1024;

/** A span is cut down to this, for the same reason. */
const SPAN_LIMITS: SpanLimits = {
  attributeCountLimit: 64,
  attributeValueLengthLimit: MAX_TEXT_LENGTH,
  eventCountLimit: 32,
  linkCountLimit: 8,
};

/** How often finished spans are sent. Short, because people are waiting to see them. */
const EXPORT_INTERVAL_MS = 500;

/** The longest that the last spans may take on their way out at a stop, also when the collector hangs. */
const FLUSH_TIMEOUT_MS = 5_000;

/**
 * The tracing of one process: starts spans, times them to the microsecond, hands them to the exporter.
 *
 * Disposing it sends what is still queued, within five seconds.
 */
export class Tracing implements AsyncDisposable {
  readonly #provider: TracerProvider;
  readonly #tracer: ReturnType<TracerProvider["getTracer"]>;
  readonly #ids = new PresetIdGenerator();
  readonly #clock: MicrosecondClock;

  /**
   * Starts tracing.
   *
   * @param options Service, sampling and export.
   */
  constructor(options: TracingOptions) {
    const { serviceName, sampleRatio, exporter, clock = createMicrosecondClock() } = options;
    const processor = options.processor ?? batches;
    this.#clock = clock;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ [attribute.serviceName]: serviceName }),
      sampler: new CallerSampler(sampleRatio),
      idGenerator: this.#ids,
      spanLimits: SPAN_LIMITS,
      spanProcessors: [processor(exporter)],
    });
    this.#tracer = this.#provider.getTracer("tracing-playground");
    // The active span is found through AsyncLocalStorage. Once per process; a second call changes nothing.
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  /** The time now, in microseconds since 1970, by the clock of all spans. */
  nowMicroseconds(): number {
    return this.#clock.nowMicroseconds();
  }

  /**
   * Does some work inside a span, which is active meanwhile and ends with it. An exception marks the span as failed and goes on.
   *
   * @param name The span's name from the catalogue.
   * @param options What is known at the start.
   * @param work The work; adds to the span what it learns.
   * @returns What `work` returned.
   */
  async inSpan<Result>(
    name: string,
    options: SpanOptions,
    work: (span: Span) => Promise<Result> | Result,
  ): Promise<Result> {
    const { span, spanContext } = this.#start(name, options);
    try {
      return await context.with(spanContext, work, undefined, span);
    } catch (error) {
      markFailed(span, error);
      throw error;
    } finally {
      this.#end(span);
    }
  }

  /**
   * The same, but the span is reported only if the work turns out to be worth it: a span that never ends is never exported.
   *
   * @param name The span's name from the catalogue.
   * @param options What is known at the start.
   * @param work The work; adds to the span what it learns.
   * @param worthReporting Whether this result shall be seen. An exception always is.
   * @returns What `work` returned.
   */
  async inSpanWorthReporting<Result>(
    name: string,
    options: SpanOptions,
    work: (span: Span) => Promise<Result> | Result,
    worthReporting: (result: Result) => boolean,
  ): Promise<Result> {
    const { span, spanContext } = this.#start(name, options);
    try {
      const result = await context.with(spanContext, work, undefined, span);
      if (worthReporting(result)) this.#end(span);
      return result;
    } catch (error) {
      markFailed(span, error);
      this.#end(span);
      throw error;
    }
  }

  /**
   * Reports a span that is over already.
   *
   * @param name The span's name from the catalogue.
   * @param finished Everything about it.
   */
  record(name: string, finished: FinishedSpan): void {
    const { ids } = finished;
    const { span } = ids === undefined
      ? this.#start(name, finished)
      : this.#ids.withIds(ids, () => this.#start(name, finished));
    if (finished.error !== undefined) markFailed(span, finished.error);
    span.end(toHrTime(finished.endMicroseconds ?? this.nowMicroseconds()));
  }

  /** Sends what is queued, within five seconds; a collector that hangs keeps the rest from being seen, nothing else. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timeLimit = Promise.withResolvers<void>();
    const timer = setTimeout(timeLimit.resolve, FLUSH_TIMEOUT_MS);
    try {
      await Promise.race([this.#provider.shutdown(), timeLimit.promise]);
    } catch (error) {
      // The work itself was done, so a collector that is away must not make the stop fail.
      getLogger(["tracing"]).warn("The last spans are lost: {reason}", { reason: String(error) });
    } finally {
      clearTimeout(timer);
    }
  }

  #start(name: string, options: SpanOptions): { span: Span; spanContext: Context } {
    const { kind, attributes, links, parent = context.active() } = options;
    const startTime = toHrTime(options.startMicroseconds ?? this.nowMicroseconds());
    const span = this.#tracer.startSpan(name, {
      startTime,
      ...(kind === undefined ? {} : { kind }),
      ...(attributes === undefined ? {} : { attributes }),
      ...(links === undefined ? {} : { links: [...links] }),
    }, parent);
    const parentSpanId = trace.getSpanContext(parent)?.spanId;
    return { span, spanContext: withParentSpanId(trace.setSpan(parent, span), parentSpanId) };
  }

  #end(span: Span): void {
    span.end(toHrTime(this.nowMicroseconds()));
  }
}

/**
 * Marks a span as failed, so that every tool shows it as an error.
 *
 * @param span The span.
 * @param reason An exception, or a sentence. It must not contain a body, a subject or an address.
 */
export function markFailed(span: Span, reason: unknown): void {
  const isError = reason instanceof Error;
  const text = !isError ? String(reason) : reason.message === "" ? reason.name : reason.message;
  span.setStatus({ code: SpanStatusCode.ERROR, message: text.slice(0, MAX_TEXT_LENGTH) });
  if (isError) span.setAttribute(attribute.errorType, reason.name);
}

function batches(exporter: SpanExporter): SpanProcessor {
  return new BatchSpanProcessor({ exporter, scheduledDelayMillis: EXPORT_INTERVAL_MS });
}
