import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

export type TracesResult =
  | { readonly ok: true; readonly traces: ReadonlyMap<string, readonly ZipkinSpan[]> }
  | { readonly ok: false; readonly reason: string };

const BATCH_SIZE = 50;
const TIMEOUT_MS = 30_000;

/** Reads traces from a collector (https://zipkin.io/zipkin-api/#/default/get_traceMany). */
export async function readTraces(
  zipkinUrl: string,
  traceIds: Iterable<string>,
): Promise<TracesResult> {
  const traces = new Map<string, readonly ZipkinSpan[]>();
  const ids = [...new Set(traceIds)];
  for (let start = 0; start < ids.length; start += BATCH_SIZE) {
    const batch = ids.slice(start, start + BATCH_SIZE);
    // One id alone is refused.
    const asked = batch.length === 1 ? [...batch, "0000000000000001"] : batch;
    const url = new URL(`/api/v2/traceMany?traceIds=${asked.join()}`, zipkinUrl);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const found: readonly (readonly ZipkinSpan[])[] = await response.json();
      for (const spans of found) {
        const [first] = spans;
        if (first !== undefined) traces.set(first.traceId, spans);
      }
    } catch (error) {
      return { ok: false, reason: `the collector does not answer: ${error}` };
    }
  }
  return { ok: true, traces };
}
