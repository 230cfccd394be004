import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import type { MicrosecondClock } from "../tracing/clock.ts";
import { Tracing } from "../tracing/tracing.ts";
import { toZipkinSpan } from "../tracing/zipkin_exporter.ts";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";

/** Keeps every span that ended, for assertions. */
export class TestSpanExporter implements SpanExporter {
  readonly #spans: ReadableSpan[] = [];

  /** All spans in the order in which they ended. */
  get spans(): readonly ReadableSpan[] {
    return [...this.#spans];
  }

  /**
   * Finds the one span of a name.
   *
   * @throws {Error} If there is none or more than one.
   */
  getSpan(name: string): ReadableSpan {
    const [span, ...others] = this.getSpans(name);
    if (span === undefined || others.length > 0) {
      const names = this.#spans.map((other) => other.name).join(", ");
      throw new Error(`Cannot find exactly one span "${name}": the ended spans are [${names}]`);
    }
    return span;
  }

  /** Finds all spans of a name. */
  getSpans(name: string): readonly ReadableSpan[] {
    return this.#spans.filter((span) => span.name === name);
  }

  /**
   * Finds the one span of a name and shows it as the collector gets it.
   *
   * @throws {Error} If there is none or more than one.
   */
  getZipkinSpan(name: string): ZipkinSpan {
    return toZipkinSpan(this.getSpan(name));
  }

  /** Takes spans; see OpenTelemetry's `SpanExporter`. */
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#spans.push(...spans);
    done({ code: ExportResultCode.SUCCESS });
  }

  /** Keeps the spans, so that they can be looked at afterwards. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Options of {@linkcode startTestTracing}. */
export interface TestTracingOptions {
  /** The service that the spans are of. @default "test" */
  readonly serviceName?: string;
  /** The part of the traces that start here to be sampled. @default 1 */
  readonly sampleRatio?: number;
  /** The clock of all spans. @default the real time in microseconds */
  readonly clock?: MicrosecondClock;
}

/** Tracing whose spans can be looked at as soon as they ended. Disposing it ends the tracing. */
export interface TestTracing extends AsyncDisposable {
  /** What the code under test starts its spans with. */
  readonly tracing: Tracing;
  /** The spans that ended. */
  readonly exporter: TestSpanExporter;
}

/** Starts tracing for a test. */
export function startTestTracing(options: TestTracingOptions = {}): TestTracing {
  const { serviceName = "test", sampleRatio = 1, clock } = options;
  const exporter = new TestSpanExporter();
  const tracing = new Tracing({
    serviceName,
    sampleRatio,
    // One by one and at once: a test need not wait for a batch.
    processor: new SimpleSpanProcessor({ exporter }),
    ...(clock === undefined ? {} : { clock }),
  });
  return {
    tracing,
    exporter,
    [Symbol.asyncDispose]: () => tracing[Symbol.asyncDispose](),
  };
}
