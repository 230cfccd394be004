import { NoopSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace";
import type { MicrosecondClock } from "../tracing/clock.ts";
import { Tracing } from "../tracing/tracing.ts";
import { toZipkinSpan } from "../tracing/zipkin_exporter.ts";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";

/** Keeps every span that ended, for assertions. */
export class TestSpans extends NoopSpanProcessor {
  readonly spans: ReadableSpan[] = [];

  /**
   * The one span of a name.
   *
   * @throws {Error} If there is none or more than one.
   */
  getSpan(name: string): ReadableSpan {
    const [span, ...others] = this.getSpans(name);
    if (span === undefined || others.length > 0) {
      const names = this.spans.map((other) => other.name).join(", ");
      throw new Error(`Cannot find exactly one span "${name}": the ended spans are [${names}]`);
    }
    return span;
  }

  getSpans(name: string): readonly ReadableSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** All spans in Zipkin's form, in the order in which they ended. */
  get zipkinSpans(): readonly ZipkinSpan[] {
    return this.spans.map(toZipkinSpan);
  }

  getZipkinSpan(name: string): ZipkinSpan {
    return toZipkinSpan(this.getSpan(name));
  }

  override onEnd(span: ReadableSpan): void {
    this.spans.push(span);
  }
}

interface TestTracingOptions {
  /** The service of the spans. @default "test" */
  readonly serviceName?: string;
  /** The share of the traces that start here to be sampled. @default 1 */
  readonly sampleRatio?: number;
  readonly clock?: MicrosecondClock;
}

/** Tracing whose spans can be inspected as soon as they end. Disposing it ends the tracing. */
export interface TestTracing extends AsyncDisposable {
  readonly tracing: Tracing;
  readonly exporter: TestSpans;
}

/** Starts tracing for a test. */
export function startTestTracing(
  { serviceName = "test", sampleRatio = 1, ...clock }: TestTracingOptions = {},
): TestTracing {
  const exporter = new TestSpans();
  const tracing = new Tracing({ serviceName, sampleRatio, processor: exporter, ...clock });
  return { tracing, exporter, [Symbol.asyncDispose]: () => tracing[Symbol.asyncDispose]() };
}
