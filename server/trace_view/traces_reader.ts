import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { MAX_TRACE_SPANS } from "./span_reader.ts";
import { SpanWindow } from "./span_window.ts";
import type { ZipkinApi } from "./zipkin_api.ts";

/**
 * Asks for several traces, and passes on each as soon as it has arrived, so that only one is held.
 *
 * @param keep What is kept of a span.
 * @param timeoutMs The time limit. @default that of a person who waits
 */
export async function readTraces(
  api: ZipkinApi,
  path: string,
  keep: (span: ZipkinSpan) => ZipkinSpan,
  take: (spans: readonly ZipkinSpan[], traceId: string, omittedSpanCount: number) => void,
  timeoutMs?: number,
): Promise<void> {
  let current = { trace: 0, window: new SpanWindow(MAX_TRACE_SPANS) };
  const finish = () => {
    const { spans, omittedSpanCount } = current.window;
    const [first] = spans;
    if (first !== undefined) take(spans, first.traceId, omittedSpanCount);
  };
  await api.read(path, (span, trace) => {
    if (trace !== current.trace) {
      finish();
      current = { trace, window: new SpanWindow(MAX_TRACE_SPANS) };
    }
    current.window.add(keep(span));
  }, timeoutMs);
  finish();
}
