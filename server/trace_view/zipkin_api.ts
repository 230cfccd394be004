import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";
import { type ZipkinSpan, zipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { ObjectSplitter } from "./object_splitter.ts";

/** A collector that takes longer counts as unavailable: a person is waiting. */
const TIMEOUT_MS = 3_000;
/** How long answers in total are processed before yielding to others. */
const SLICE_MS = 10;
/** No span is longer, in characters. */
const MAX_SPAN_LENGTH = 4_000_000;

/** The collector is unavailable, and why. */
export interface CollectorUnavailable {
  /** Distinguishes it from an answer. */
  readonly status: "unavailable";
  /** Why, in words. */
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
  #sliceStartMs = 0;

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
      await this.#readSpans(response.body ?? new Blob().stream(), take);
      return true;
    } catch (error) {
      if (error instanceof CollectorError) throw error;
      throw new CollectorError(
        signal.aborted
          ? `the collector did not answer within ${timeoutMs} ms`
          : `the collector cannot be asked: ${failureReason(error)}`,
        { cause: error },
      );
    }
  }

  /** Reads some traces by their ids; false when the collector has none of them. */
  async readById(
    ids: readonly string[],
    take: (span: ZipkinSpan, trace: number) => void,
  ): Promise<boolean> {
    // Zipkin refuses a list of one.
    return await this.read(
      ids.length === 1 ? `api/v2/trace/${ids[0]}` : `api/v2/traceMany?traceIds=${ids.join()}`,
      take,
    );
  }

  /** Reads an answer span by span. */
  async #readSpans(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    take: (span: ZipkinSpan, trace: number) => void,
  ): Promise<void> {
    const splitter = new ObjectSplitter();
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      for (const { text, list } of splitter.split(piece)) take(toSpan(text), list);
      if (splitter.openLength > MAX_SPAN_LENGTH) throw notZipkins();
      if (performance.now() - this.#sliceStartMs < SLICE_MS) continue;
      await new Promise((resolve) => setTimeout(resolve));
      this.#sliceStartMs = performance.now();
    }
    if (!splitter.isComplete) throw notZipkins();
  }
}

function toSpan(text: string): ZipkinSpan {
  try {
    return zipkinSpan.parse(JSON.parse(text));
  } catch {
    throw notZipkins();
  }
}

function notZipkins(): CollectorError {
  return new CollectorError("the collector's answer is not Zipkin's");
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
