import { getLogger } from "@logtape/logtape";
import { movedBy, type ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { definitionOf, FAULT_NAMES, type FaultName } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";

const logger = getLogger(["standins", "spans"]);

const SPAN_FAULTS = FAULT_NAMES.filter((name) => definitionOf(name).part === "spans");

const CLOCK_AHEAD_US = 2_000_000;
const LATE_MS = 5_000;
/** A tail-sampling policy for latency. */
const SLOW_REQUEST_US = 1_000_000;

/** The most spans that are held back; more are passed on at once. */
const MAX_HELD_SPANS = 20_000;
/** The most traces whose decision is kept. */
const MAX_DECISIONS = 20_000;

type Strikes = (name: FaultName, span: ZipkinSpan) => boolean;

/** Applies the faults of spans to a batch. Zipkin drops exact copies, so a copy has a tag more, as if a second agent forwarded it. */
export function alterSpans(spans: readonly ZipkinSpan[], strikes: Strikes): readonly ZipkinSpan[] {
  return spans.flatMap((span) => {
    if (strikes("spans.lose", span)) return [];
    const moved = strikes("spans.clock-ahead", span) ? movedBy(span, CLOCK_AHEAD_US) : span;
    const altered = isLeaf(span) && strikes("spans.share-id", span)
      ? { ...moved, id: span.traceId.slice(-16) }
      : moved;
    return strikes("spans.twice", span)
      ? [altered, { ...altered, tags: { ...altered.tags, forwarded_by: "second-agent" } }]
      : [altered];
  });
}

/** Whether it has no child in our traces: a call, or the work at the end of one. */
function isLeaf({ kind, parentId }: ZipkinSpan): boolean {
  return parentId !== undefined && (kind === undefined || kind === "CLIENT");
}

interface Held {
  readonly spans: ZipkinSpan[];
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The path of spans to a collector, where faults strike. Disposing it passes on what is held back. */
export class SpanPath implements AsyncDisposable {
  readonly #faults: Faults;
  readonly #passOn: (spans: readonly ZipkinSpan[]) => void | Promise<void>;
  /** By the id of a trace that is not decided on yet; a late batch has a key of its own. */
  readonly #held = new Map<string | symbol, Held>();
  /** Whether a trace is kept, for its later spans. */
  readonly #decisions = new Map<string, boolean>();
  readonly #ignoreFaults: () => void;
  readonly #handing = new Set<Promise<void>>();
  #heldCount = 0;

  /** @param passOn Takes the spans that {@linkcode take} held back. */
  constructor(faults: Faults, passOn: (spans: readonly ZipkinSpan[]) => void | Promise<void>) {
    this.#faults = faults;
    this.#passOn = passOn;
    this.#ignoreFaults = faults.onChange((name) => {
      if (name !== "spans.tail-sampling") return;
      this.#decisions.clear();
      for (const key of [...this.#held.keys()]) if (typeof key === "string") this.#release(key);
    });
  }

  /** Whether spans pass unread. */
  get isClear(): boolean {
    return SPAN_FAULTS.every((name) => this.#faults.valueOf(name) === undefined);
  }

  /** Lets the faults strike; returns the spans that are to be passed on now. */
  take(spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
    if (this.isClear) return spans;
    const strikes: Strikes = (name, { localEndpoint }) => {
      const service: unknown = this.#faults.valueOf(name);
      return (service === "any" || service === localEndpoint?.serviceName) &&
        this.#faults.hit(name) !== undefined;
    };
    const late = Symbol("late");
    return this.#sample(alterSpans(spans, strikes)).filter((span) => {
      if (!strikes("spans.late", span) || !this.#hasRoom) return true;
      this.#hold(late, span, LATE_MS, () => this.#release(late));
      return false;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ignoreFaults();
    for (const key of [...this.#held.keys()]) this.#release(key);
    await Promise.all(this.#handing);
  }

  get #hasRoom(): boolean {
    return this.#heldCount < MAX_HELD_SPANS;
  }

  /** Holds a span back until `letGo`. */
  #hold(key: string | symbol, span: ZipkinSpan, waitMs: number, letGo: () => void): void {
    this.#held.getOrInsertComputed(key, () => ({ spans: [], timer: setTimeout(letGo, waitMs) }))
      .spans.push(span);
    this.#heldCount++;
  }

  #release(key: string | symbol): void {
    this.#hand(this.#forget(key));
  }

  #forget(key: string | symbol): readonly ZipkinSpan[] {
    const { spans = [], timer } = this.#held.get(key) ?? {};
    clearTimeout(timer);
    this.#held.delete(key);
    this.#heldCount -= spans.length;
    return spans;
  }

  #hand(spans: readonly ZipkinSpan[]): void {
    const handing = Promise.try(this.#passOn, spans)
      .catch((error) => logger.warn("Spans that were held back are lost: {error}", { error }))
      .finally(() => this.#handing.delete(handing));
    this.#handing.add(handing);
  }

  /** Holds back the spans of traces that are not decided on yet. */
  #sample(spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
    const waitMs = this.#faults.valueOf("spans.tail-sampling");
    if (waitMs === undefined) return spans;
    return spans.filter((span) => {
      const { traceId } = span;
      const isKept = this.#decisions.get(traceId);
      if (isKept !== undefined || !this.#hasRoom) return isKept ?? true;
      this.#hold(traceId, span, waitMs, () => this.#decide(traceId));
      return false;
    });
  }

  #decide(traceId: string): void {
    const spans = this.#forget(traceId);
    const isKept = spans.some(isWorthKeeping) ||
      this.#faults.hit("spans.tail-sampling") === undefined;
    this.#decisions.set(traceId, isKept);
    if (this.#decisions.size > MAX_DECISIONS) {
      this.#decisions.delete(this.#decisions.keys().next().value ?? "");
    }
    if (isKept) this.#hand(spans);
  }
}

function isWorthKeeping({ tags, kind, duration = 0 }: ZipkinSpan): boolean {
  return tags?.error !== undefined || (kind === "SERVER" && duration >= SLOW_REQUEST_US);
}
