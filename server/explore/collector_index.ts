import { waitAtMost } from "@playground/shared/time";
import {
  type CollectorUnavailable,
  MAX_TRACE_SPANS,
  orUnavailable,
  readTraces,
  type ZipkinApi,
} from "../trace_view/mod.ts";
import { knownFromUs, remainderOf, type TimeWindow } from "./collector_walk.ts";
import { callFactsOf, type TraceFacts, traceFactsOf } from "./trace_facts.ts";

/** How much of the collector is known. */
export interface Progress {
  /** The number of known traces. */
  readonly readCount: number;
  /** Whether all that the collector held then has been read. */
  readonly isComplete: boolean;
  /** When the collector was last read to the end; milliseconds since 1970. */
  readonly asOfMs?: number;
  /** The start of the oldest known trace. */
  readonly oldestMs?: number;
  /** Why the collector cannot be read now. */
  readonly failure?: string;
}

export interface CollectorIndexOptions {
  readonly api: ZipkinApi;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly maxEmails?: number;
  readonly maxCalls?: number;
}

const MAX_EMAILS = 20_000;
const MAX_CALLS = 400_000;
/** The most traces of an answer. */
const SLICE = 250;
/** Nobody waits for an answer. */
const TIMEOUT_MS = 15_000;
/** A view that is asked for waits so long for what is new. */
const PATIENCE_MS = 150;
const INTERVAL_MS = 1_000;
/** The pause after a read is a multiple of its duration: the collector has others to serve. */
const REST_FACTOR = 2;
/** A caller's clock may be ahead. */
const AHEAD_MS = 24 * 60 * 60 * 1_000;
/** Spans arrive after their start. */
const OVERLAP_MS = 10_000;

/**
 * A bounded copy of facts about the newest traces, read from the collector while somebody asks. It can be dropped at any time:
 * everything is read again.
 */
export class CollectorIndex {
  readonly #options: CollectorIndexOptions;
  readonly #traces = new Map<string, TraceFacts>();
  #left: TimeWindow[] = [];
  #sinceUs = 0;
  #asOfMs: number | undefined;
  #failure: CollectorUnavailable | undefined;
  #reading: Promise<void> | undefined;
  #nextReadMs = -Infinity;
  #version = 0;

  constructor(options: CollectorIndexOptions) {
    this.#options = options;
  }

  /** Changes with the traces. */
  get version(): number {
    return this.#version;
  }

  /** The known traces, in no order. */
  get traces(): Iterable<TraceFacts> {
    return this.#traces.values();
  }

  get progress(): Progress {
    let oldestUs = Infinity;
    for (const { startUs } of this.#traces.values()) oldestUs = Math.min(oldestUs, startUs);
    return {
      readCount: this.#traces.size,
      isComplete: this.#asOfMs !== undefined,
      ...(this.#asOfMs === undefined ? {} : { asOfMs: this.#asOfMs }),
      ...(oldestUs === Infinity ? {} : { oldestMs: Math.floor(oldestUs / 1_000) }),
      ...(this.#failure === undefined ? {} : { failure: this.#failure.reason }),
    };
  }

  /** Reads what is new, unless that was done just now; waits for it only a moment. Unavailable while nothing is known. */
  async refresh(): Promise<CollectorUnavailable | undefined> {
    if (this.#reading === undefined && this.#options.now() >= this.#nextReadMs) {
      this.#reading = this.#read().finally(() => this.#reading = undefined);
    }
    if (this.#reading !== undefined) await waitAtMost(PATIENCE_MS, this.#reading);
    return this.#traces.size === 0 ? this.#failure : undefined;
  }

  async #read(): Promise<void> {
    const { now } = this.#options;
    const startMs = now();
    const result = await orUnavailable(async () => {
      if (this.#left.length === 0) this.#left = [{ fromMs: 0, toMs: startMs + AHEAD_MS }];
      for (let window = this.#left.pop(); window !== undefined; window = this.#left.pop()) {
        this.#left.push(window);
        const rest = await this.#readWindow(window, SLICE, this.#sinceUs);
        this.#left.pop();
        this.#left.push(...rest);
      }
      return undefined;
    });
    this.#failure = result;
    if (result === undefined) {
      this.#asOfMs = startMs;
      this.#sinceUs = (startMs - OVERLAP_MS) * 1_000;
    }
    this.#nextReadMs = now() + Math.max(INTERVAL_MS, (now() - startMs) * REST_FACTOR);
  }

  async #readWindow(
    window: TimeWindow,
    limit: number,
    sinceUs: number,
  ): Promise<readonly TimeWindow[]> {
    const { fromMs, toMs } = window;
    const query = new URLSearchParams({
      endTs: String(toMs),
      lookback: String(toMs - fromMs),
      limit: String(limit),
    });
    const found = new Map<string, TraceFacts>();
    await readTraces(
      this.#options.api,
      `api/v2/traces?${query}`,
      { maxSpans: MAX_TRACE_SPANS, keep: callFactsOf, timeoutMs: TIMEOUT_MS },
      (spans, traceId) => found.set(traceId, traceFactsOf(spans, traceId)),
    );
    const answer = [...found.values()];
    const knownUs = knownFromUs(window, limit, answer);
    for (const [traceId, { startUs }] of this.#traces) {
      if (startUs > knownUs && startUs < toMs * 1_000 && !found.has(traceId)) {
        this.#traces.delete(traceId);
      }
    }
    for (const [traceId, facts] of found) this.#traces.set(traceId, facts);
    this.#version++;
    const oldestMs = this.#trim();
    return remainderOf(window, limit, answer, sinceUs).filter((rest) => rest.toMs > oldestMs);
  }

  /** Drops the oldest traces beyond the bounds; returns the start of the oldest that is left, if any was dropped. */
  #trim(): number {
    const { maxEmails = MAX_EMAILS, maxCalls = MAX_CALLS } = this.#options;
    let [emailCount, callCount] = [0, 0];
    let oldestUs = 0;
    for (const trace of [...this.#traces.values()].toSorted((a, b) => b.startUs - a.startUs)) {
      emailCount += trace.emails.length;
      callCount += 1 + [trace, ...trace.emails].flatMap(({ calls }) => calls).length;
      if (emailCount <= maxEmails && callCount <= maxCalls) oldestUs = trace.startUs;
      else this.#traces.delete(trace.traceId);
    }
    return emailCount <= maxEmails && callCount <= maxCalls ? 0 : oldestUs / 1_000;
  }
}
