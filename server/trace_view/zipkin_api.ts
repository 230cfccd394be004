import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { readSpans, SpanFormatError } from "./span_stream.ts";
import { SpanWindow } from "./span_window.ts";

/** A collector that takes longer counts as unavailable: a person is waiting. */
const TIMEOUT_MS = 3_000;

/** How far a service's clock may be ahead. */
export const AHEAD_MS = 24 * 60 * 60 * 1_000;

/** The shortest pause between two questions for new spans: services report about twice a second. */
export const INTERVAL_MS = 1_000;

/** The pause after an answer of this duration: a slow collector has others to serve. */
export function pauseAfter(tookMs: number): number {
  return Math.min(Math.max(4 * tookMs, INTERVAL_MS), 15_000);
}

/** The path of a search for traces with these tags. */
export function searchPath(
  conditions: Readonly<Record<string, string | number>>,
  tags: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(conditions)) query.set(name, String(value));
  const wanted = Object.entries(tags).map((tag) => tag.join("="));
  if (wanted.length > 0) query.set("annotationQuery", wanted.join(" and "));
  return `api/v2/traces?${query}`;
}

/** The path of some traces. */
export function pathOf(ids: readonly string[]): string {
  // Zipkin refuses a list of one.
  return ids.length === 1 ? `api/v2/trace/${ids[0]}` : `api/v2/traceMany?traceIds=${ids.join()}`;
}

/** The collector is unavailable, and why. */
export interface CollectorUnavailable {
  readonly status: "unavailable";
  readonly reason: string;
}

/** Why the collector is unavailable; caught within this folder. */
class CollectorError extends Error {
  override readonly name = "CollectorError";
}

/** Asks Zipkin's API (https://zipkin.io/zipkin-api/). */
export class ZipkinApi {
  readonly #baseUrl: URL;
  readonly #fetch: typeof fetch;

  constructor(baseUrl: URL, fetcher: typeof fetch = fetchWithCredentials(baseUrl)) {
    this.#baseUrl = baseUrl;
    this.#fetch = fetcher;
  }

  /**
   * Asks for one or several traces, and passes on each span as it arrives, with the number of its trace; false when the collector
   * has none. The answer is streamed: it blocks nobody and is not kept.
   *
   * @throws {Error} If there is no valid answer; {@linkcode orUnavailable} converts it to a result.
   */
  async read(
    path: string,
    take: (span: ZipkinSpan, trace: number) => void,
    timeoutMs = TIMEOUT_MS,
  ): Promise<boolean> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.#fetch(underBase(this.#baseUrl, path), { signal });
      if (!response.ok) {
        await response.body?.cancel();
        if (response.status === 404) return false;
        throw new CollectorError(`the collector answered ${response.status}`);
      }
      await readSpans(response.body ?? new Blob().stream(), take);
      return true;
    } catch (error) {
      if (error instanceof CollectorError) throw error;
      if (error instanceof SpanFormatError) {
        throw new CollectorError("the collector's answer is not Zipkin's", { cause: error });
      }
      throw new CollectorError(
        signal.aborted
          ? `the collector did not answer within ${timeoutMs} ms`
          : `the collector cannot be asked: ${failureReason(error)}`,
        { cause: error },
      );
    }
  }

  /**
   * Asks for several traces, and passes on each as soon as it has arrived, so that only one is held.
   *
   * @param keep What is kept of a span.
   */
  async readTraces(
    path: string,
    keep: (span: ZipkinSpan) => ZipkinSpan,
    take: (spans: readonly ZipkinSpan[], traceId: string, omittedSpanCount: number) => void,
    timeoutMs?: number,
  ): Promise<void> {
    let current = { trace: 0, window: new SpanWindow() };
    const finish = () => {
      const { spans, omittedSpanCount } = current.window;
      const [first] = spans;
      if (first !== undefined) take(spans, first.traceId, omittedSpanCount);
    };
    await this.read(path, (span, trace) => {
      if (trace !== current.trace) {
        finish();
        current = { trace, window: new SpanWindow() };
      }
      current.window.add(keep(span));
    }, timeoutMs);
    finish();
  }
}

/** Converts the expected failure, an unavailable collector, to data. */
export async function orUnavailable<Result>(
  ask: () => Promise<Result>,
): Promise<Result | CollectorUnavailable> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CollectorError) return { status: "unavailable", reason: error.message };
    throw error;
  }
}
