import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

/** A collector that takes longer is asked again in a moment. */
const TIMEOUT_MS = 3_000;
/** More of the same would teach nothing. */
const MAX_POLLS = 10;

/** Reads the polls that failed, each a trace of its own. */
export async function readFailedPoll(
  zipkin: string,
  sinceMs: number,
): Promise<readonly ZipkinSpan[]> {
  const endTs = Date.now();
  const query = new URLSearchParams({
    serviceName: "mail-poller",
    spanName: "poll-email",
    annotationQuery: "error",
    endTs: String(endTs),
    lookback: String(endTs - sinceMs),
    limit: String(MAX_POLLS),
  });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(new URL(`/api/v2/traces?${query}`, zipkin), { signal });
    if (!response.ok) {
      await response.body?.cancel();
      return [];
    }
    const polls: readonly (readonly ZipkinSpan[])[] = await response.json();
    const startOf = (spans: readonly ZipkinSpan[]) =>
      Math.min(...spans.map(({ timestamp }) => timestamp ?? Infinity));
    return polls.toSorted((a, b) => startOf(a) - startOf(b))[0] ?? [];
  } catch {
    // The lesson goes on asking, and says in the end what it has not seen.
    return [];
  }
}
