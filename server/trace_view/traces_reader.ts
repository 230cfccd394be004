import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { SpanWindow } from "./span_window.ts";
import type { ZipkinApi } from "./zipkin_api.ts";

interface TracesReaderOptions {
  readonly maxSpans: number;
  readonly keep: (span: ZipkinSpan) => ZipkinSpan;
  /** @default that of a person who waits */
  readonly timeoutMs?: number;
}

/** Asks for several traces, and passes on each as soon as it has arrived, so that only one is held. */
export async function readTraces(
  api: ZipkinApi,
  path: string,
  { maxSpans, keep, timeoutMs }: TracesReaderOptions,
  take: (spans: readonly ZipkinSpan[], traceId: string, omittedSpanCount: number) => void,
): Promise<void> {
  let current = { trace: 0, window: new SpanWindow(maxSpans) };
  const finish = () => {
    const { spans, omittedSpanCount } = current.window;
    const [first] = spans;
    if (first !== undefined) take(spans, first.traceId, omittedSpanCount);
  };
  await api.read(path, (span, trace) => {
    if (trace !== current.trace) {
      finish();
      current = { trace, window: new SpanWindow(maxSpans) };
    }
    current.window.add(keep(span));
  }, timeoutMs);
  finish();
}
