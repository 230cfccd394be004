import {
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
  type ReadableSpan,
  type SpanLimits,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { cutText, MAX_FOREIGN_TEXT_LENGTH } from "../text/mod.ts";
import { attribute } from "./attributes.ts";
import { baggageTags } from "./baggage.ts";
import { type MicrosecondClock, processClock, toHrTime } from "./clock.ts";
import { PresetIdGenerator, type SpanIds } from "./id_generator.ts";
import { CallerSampler } from "./sampler.ts";
import { SpanQueue } from "./span_queue.ts";
import { TailSampling } from "./tail_sampling.ts";
import { waitAtMost } from "../time/time_limit.ts";

/** Tags by name; one without a value is left out. */
export type Tags = Readonly<Record<string, string | number | boolean | undefined>>;

interface TracingOptions {
  /** The name of the service as Zipkin shows it, such as `message-server`. */
  readonly serviceName: string;
  /** The share of the traces that start here to be sampled, from 0 to 1. */
  readonly sampleRatio: number;
  /** Whether a caller's decision comes before the ratio. @default true */
  readonly followsCaller?: boolean;
  /** Attributes of the process besides its name. @default none */
  readonly resource?: Readonly<Record<string, string>>;
  /** Where the finished spans go; in a service a {@linkcode SpanQueue}, which sends them twice a second. */
  readonly processor: SpanProcessor;
  /** The clock of all spans. @default {@linkcode processClock} */
  readonly clock?: MicrosecondClock;
}

/** The options of a span at its start. */
export interface SpanOptions {
  /** Its role. @default `SpanKind.INTERNAL`, which Zipkin shows as no kind */
  readonly kind?: SpanKind;
  /** Its tags; a function is called only for a span that is recorded. */
  readonly attributes?: Tags | (() => Tags);
  /** The context that it continues. @default the active one */
  readonly parent?: Context;
  readonly links?: readonly Link[];
  /** When it started, in microseconds since 1970. @default now */
  readonly startMicroseconds?: number;
}

/** A span that is reported after it ended. */
export interface FinishedSpan extends SpanOptions {
  readonly startMicroseconds: number;
  /** When it ended, in microseconds since 1970. @default now */
  readonly endMicroseconds?: number;
  /** Ids to share with a record that another party reports. @default random ids */
  readonly ids?: SpanIds;
  readonly failure?: SpanFailure | undefined;
  /** Whether it is not worth reporting alone; see `inTailSampledSpan`. @default false */
  readonly incidental?: boolean;
}

interface SpanFailure {
  /** In words, without a body, a subject or an address. */
  readonly reason: string;
  /** One of few values: a status, a reply code, a kind of failure (OpenTelemetry's `error.type`). */
  readonly type: string;
}

/** A hostile message or mail server must not fill memory or the collector. */
const SPAN_LIMITS: SpanLimits = {
  attributeCountLimit: 64,
  attributeValueLengthLimit: MAX_FOREIGN_TEXT_LENGTH,
  // The last annotations are kept: they show how the span ended.
  eventCountLimit: 8,
  linkCountLimit: 8,
};

/** How long a stop waits for the last spans, even when the collector hangs. */
const FLUSH_TIMEOUT_MS = 4_000;

/**
 * The tracing of one process: starts spans, times them to the microsecond, and hands them to the exporter. Disposing it sends
 * what is still queued, within four seconds.
 */
export class Tracing implements AsyncDisposable {
  readonly #provider: TracerProvider;
  readonly #tracer: ReturnType<TracerProvider["getTracer"]>;
  readonly #ids = new PresetIdGenerator();
  readonly #clock: MicrosecondClock;
  readonly #processor: SpanProcessor;

  constructor(options: TracingOptions) {
    const { serviceName, resource = {}, processor, clock = processClock() } = options;
    this.#clock = clock;
    this.#processor = processor;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ ...resource, [attribute.serviceName]: serviceName }),
      sampler: new CallerSampler(options.sampleRatio, options.followsCaller),
      idGenerator: this.#ids,
      spanLimits: SPAN_LIMITS,
      spanProcessors: [processor],
    });
    this.#tracer = this.#provider.getTracer("tracing-playground");
    // Once per process; a second call changes nothing.
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  /** The time now, in microseconds since 1970, by the clock of all spans. */
  nowMicroseconds(): number {
    return this.#clock.nowMicroseconds();
  }

  /** How many spans were lost on their way to the collector so far. */
  get lostSpanCount(): number {
    return this.#processor instanceof SpanQueue ? this.#processor.lostCount : 0;
  }

  /** Runs `work` inside a span, which is active meanwhile. An exception marks the span as failed and is rethrown. */
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
      TailSampling.of(context.active())?.keep();
      this.#end(span);
    }
  }

  /**
   * The same, but the span and the incidental ones within it are reported only if one of these holds: a span within it that is
   * not incidental, an exception, or a result that `isWorthReporting`.
   */
  async inTailSampledSpan<Result>(
    name: string,
    options: SpanOptions,
    work: (span: Span) => Promise<Result> | Result,
    isWorthReporting: (result: Result) => boolean,
  ): Promise<Result> {
    const { span, spanContext } = this.#start(name, options);
    const sampling = new TailSampling();
    try {
      const result = await context.with(sampling.within(spanContext), work, undefined, span);
      if (isWorthReporting(result)) sampling.keep();
      return result;
    } catch (error) {
      markFailed(span, error);
      sampling.keep();
      throw error;
    } finally {
      if (sampling.isKept) this.#end(span);
    }
  }

  /** Reports a span that has already ended. */
  record(name: string, finished: FinishedSpan): void {
    const { ids, failure, incidental = false } = finished;
    const { span } = this.#ids.withIds(ids, () => this.#start(name, finished));
    if (failure !== undefined) markFailed(span, failure);
    const endTime = toHrTime(finished.endMicroseconds ?? this.nowMicroseconds());
    const sampling = TailSampling.of(context.active());
    if (incidental && sampling !== undefined) {
      sampling.endIfKept(() => span.end(endTime));
    } else {
      sampling?.keep();
      span.end(endTime);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await waitAtMost(FLUSH_TIMEOUT_MS, this.#provider.shutdown());
    } catch (error) {
      // The work is done: an unavailable collector must not make the stop fail.
      getLogger(["tracing"]).warn("The last spans are lost: {reason}", { reason: String(error) });
    }
  }

  #start(name: string, options: SpanOptions): { span: Span; spanContext: Context } {
    const { kind, attributes, links = [], parent = context.active() } = options;
    const startTime = toHrTime(options.startMicroseconds ?? this.nowMicroseconds());
    const span = this.#tracer.startSpan(name, { startTime, kind, links: [...links] }, parent);
    if (!span.isRecording()) {
      // Only a recorded span knows its parent, which B3's headers name.
      Object.assign(span, { parentSpanContext: trace.getSpanContext(parent) });
    } else {
      // startSpan() would check them twice, even for an unrecorded span.
      setTags(span, baggageTags(parent));
      setTags(span, typeof attributes === "function" ? attributes() : attributes);
    }
    return { span, spanContext: trace.setSpan(parent, span) };
  }

  #end(span: Span): void {
    span.end(toHrTime(this.nowMicroseconds()));
  }
}

/**
 * Gives a span more tags; one that is not recorded takes none. Long texts are cut.
 *
 * OpenTelemetry's `setAttributes()` would do, but makes a `WeakSet` for each value in case it is an object with cycles: 5 kB and 5 to
 * 10 % of the processor time of an accepted email. Ours are never objects.
 */
export function setTags(
  span: Span & Partial<Pick<ReadableSpan, "attributes">>,
  tags: Tags | undefined,
): void {
  if (span.attributes === undefined || tags === undefined) return;
  for (const [name, value] of Object.entries(tags)) {
    if (value !== undefined) {
      span.attributes[name] = typeof value === "string" ? cutText(value) : value;
    }
  }
}

/** Marks a span as failed, in the form that every tool recognizes. */
export function markFailed(span: Span, failure: unknown): void {
  const { reason, type } = failureOf(failure);
  span.setStatus({ code: SpanStatusCode.ERROR, message: cutText(reason) });
  span.setAttribute(attribute.errorType, type);
}

function failureOf(failure: unknown): SpanFailure {
  if (failure instanceof Error) {
    const { name, message } = failure;
    return { reason: message === "" ? name : message, type: name };
  }
  return isSpanFailure(failure) ? failure : { reason: String(failure), type: "_OTHER" };
}

function isSpanFailure(value: unknown): value is SpanFailure {
  return typeof value === "object" && value !== null && "reason" in value && "type" in value;
}
