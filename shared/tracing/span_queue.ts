import { context, ROOT_CONTEXT, TraceFlags } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";

/** How spans wait for the collector. */
export interface SpanQueueOptions {
  /** Sends a batch. */
  readonly exporter: SpanExporter;
  /** How many spans wait at most; what comes then is lost. @default 8192 */
  readonly capacity?: number;
  /** How many spans are sent at once. @default 512 */
  readonly batchSize?: number;
  /** How long the first span of a batch waits for others. @default 500 */
  readonly intervalMs?: number;
  /** Called when spans begin to be lost: at the first, and at the first after the collector took some. */
  readonly onLoss?: () => void;
}

/** A collector that cannot take spans now but may later: they are kept, as long as there is room. */
export class CollectorUnavailableError extends Error {
  /** Names the class where the error is shown. */
  override readonly name: string = "CollectorUnavailableError";
}

/** While the collector is away it is tried less and less often, at least this often. */
const MAX_INTERVAL_MS = 5_000;

/**
 * The way of finished spans to the collector: in batches, one at a time, through a bounded queue.
 *
 * Whoever ends a span never waits. While the collector is away, spans wait for it; when there is no more room, or when the collector
 * refuses a batch, they are lost, and counted.
 */
export class SpanQueue implements SpanProcessor {
  readonly #exporter: SpanExporter;
  readonly #capacity: number;
  readonly #batchSize: number;
  readonly #intervalMs: number;
  readonly #onLoss: () => void;
  #waiting: ReadableSpan[] = [];
  #lostCount = 0;
  #isLosing = false;
  #failedTries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #stopped = false;

  /**
   * Makes an empty queue.
   *
   * @param options Where the spans go, and the bounds.
   */
  constructor(options: SpanQueueOptions) {
    this.#exporter = options.exporter;
    this.#capacity = options.capacity ?? 8_192;
    this.#batchSize = options.batchSize ?? 512;
    this.#intervalMs = options.intervalMs ?? 500;
    this.#onLoss = options.onLoss ?? (() => {});
  }

  /** How many spans were lost so far. */
  get lostCount(): number {
    return this.#lostCount;
  }

  /** A span that has only started is not sent. */
  onStart(): void {}

  /** Takes a finished span; one that is not sampled is none of the collector's business. */
  onEnd(span: ReadableSpan): void {
    if (this.#stopped || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#waiting.length >= this.#capacity) {
      this.#lose(1);
      return;
    }
    this.#waiting.push(span);
    this.#schedule();
  }

  /** Sends what waits; gives up at the first batch that the collector does not take. */
  async forceFlush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sending;
    while (this.#waiting.length > 0 && await this.#sendBatch());
  }

  /** Sends what waits, then takes no further span. */
  async shutdown(): Promise<void> {
    this.#stopped = true;
    await this.forceFlush();
    this.#lose(this.#waiting.length);
    this.#waiting = [];
    await this.#exporter.shutdown();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#sending !== undefined || this.#stopped) return;
    const isFull = this.#waiting.length >= this.#batchSize && this.#failedTries === 0;
    const delayMs = isFull
      ? 0
      : Math.min(this.#intervalMs * 2 ** this.#failedTries, MAX_INTERVAL_MS);
    // Outside the span that happened to end last: what is logged on the way is not about it.
    context.with(ROOT_CONTEXT, () => {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#sending = this.#sendBatch().then(() => {
          this.#sending = undefined;
          if (this.#waiting.length > 0) this.#schedule();
        });
      }, delayMs);
    });
  }

  /** Sends one batch; tells whether the collector is there. */
  async #sendBatch(): Promise<boolean> {
    const batch = this.#waiting.splice(0, this.#batchSize);
    const { code, error } = await new Promise<ExportResult>((resolve) =>
      this.#exporter.export(batch, resolve)
    );
    const isAway = error instanceof CollectorUnavailableError;
    if (code === ExportResultCode.SUCCESS) {
      this.#failedTries = 0;
      this.#isLosing = false;
    } else if (isAway) {
      this.#failedTries++;
      this.#putBack(batch);
    } else {
      this.#lose(batch.length);
    }
    return !isAway;
  }

  /** The oldest spans are sent first; where there is no more room for them all, the newest of the batch are lost. */
  #putBack(batch: ReadableSpan[]): void {
    const room = Math.max(0, this.#capacity - this.#waiting.length);
    this.#lose(Math.max(0, batch.length - room));
    this.#waiting = [...batch.slice(0, room), ...this.#waiting];
  }

  #lose(count: number): void {
    if (count === 0) return;
    this.#lostCount += count;
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#onLoss();
  }
}
