import { context, ROOT_CONTEXT, TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { BatchExporter, Delivery, PreparedSpan } from "./batch_exporter.ts";

export interface SpanQueueOptions<Prepared extends PreparedSpan> {
  readonly exporter: BatchExporter<Prepared>;
  /** How many spans may wait; more are lost. */
  readonly capacity: number;
  /** How many spans are sent at once. */
  readonly batchSize: number;
  /** How long the first span of a batch waits for others. */
  readonly intervalMs: number;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Called when spans begin to be lost: at the first loss, and at the first after the collector accepted some. */
  readonly onLoss: () => void;
}

/** The most bytes that wait; what is beyond is lost. */
const CAPACITY_BYTES = 16_000_000;
/** The most bytes that are sent at once; a larger span is lost. */
const BATCH_BYTES = 4_000_000;
/** The longest pause between retries; the pause doubles up to it. */
const MAX_INTERVAL_MS = 5_000;
/** The longest pause, whatever the collector asks for. */
const MAX_PAUSE_MS = 60_000;

/**
 * Sends finished spans to the collector in batches, one at a time, from a queue that is bounded in spans and bytes.
 *
 * Ending a span never waits. A batch stays in the queue until the collector has accepted or refused it. Spans are lost, and
 * counted, when the queue is full or the collector refuses them.
 */
export class SpanQueue<Prepared extends PreparedSpan> implements SpanProcessor {
  readonly #options: SpanQueueOptions<Prepared>;
  readonly #waiting: Prepared[] = [];
  #waitingBytes = 0;
  /** The most spans that the collector accepts at once, as far as known. */
  #sizeLimit: number;
  #lostCount = 0;
  #isLosing = false;
  #failedTries = 0;
  #pauseMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<boolean> | undefined;
  #stopped = false;

  constructor(options: SpanQueueOptions<Prepared>) {
    this.#options = options;
    this.#sizeLimit = options.batchSize;
  }

  get lostCount(): number {
    return this.#lostCount;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.#stopped || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#waiting.length >= this.#options.capacity) return this.#lose(1);
    const prepared = this.#options.exporter.prepare(span);
    const { sizeBytes } = prepared;
    const fits = sizeBytes <= BATCH_BYTES && this.#waitingBytes + sizeBytes <= CAPACITY_BYTES;
    if (!fits) return this.#lose(1);
    this.#waiting.push(prepared);
    this.#waitingBytes += sizeBytes;
    this.#schedule();
  }

  /** Sends the waiting spans; stops at the first batch that must wait. */
  async forceFlush(): Promise<void> {
    await this.#sending;
    while (this.#waiting.length > 0 && await this.#send());
  }

  /** Sends the waiting spans, then accepts no more. */
  async shutdown(): Promise<void> {
    this.#stopped = true;
    await this.forceFlush();
    this.#lose(this.#remove(this.#waiting.length));
    await this.#options.exporter.shutdown?.();
  }

  #schedule(): void {
    if (this.#sending !== undefined || this.#stopped || this.#waiting.length === 0) return;
    const isFull = this.#waiting.length >= this.#sizeLimit || this.#waitingBytes >= BATCH_BYTES;
    const isDue = isFull && this.#failedTries === 0 && this.#pauseMs === 0;
    if (this.#timer !== undefined && !isDue) return;
    const delayMs = Math.min(this.#options.intervalMs * 2 ** this.#failedTries, MAX_INTERVAL_MS);
    // Outside the span that ended last: log records of the sending are not about it.
    context.with(ROOT_CONTEXT, () => {
      if (isDue) this.#send();
      else this.#timer = setTimeout(() => this.#send(), Math.max(delayMs, this.#pauseMs));
    });
  }

  /** Sends one batch, unless one is in flight; false when the collector accepts none now. */
  #send(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = undefined;
      this.#schedule();
    });
    return this.#sending;
  }

  async #sendBatch(): Promise<boolean> {
    const batch = this.#nextBatch();
    const answer = await this.#options.exporter.send(batch);
    // A single span that is too large will never be accepted.
    const delivery: Delivery = answer.outcome === "too-large" && batch.length === 1
      ? { ...answer, outcome: "refused" }
      : answer;
    this.#options.onDelivery(delivery);
    this.#failedTries = delivery.outcome === "later" ? this.#failedTries + 1 : 0;
    this.#pauseMs = delivery.outcome === "taken"
      ? 0
      : Math.min(delivery.pauseMs ?? 0, MAX_PAUSE_MS);
    switch (delivery.outcome) {
      case "taken":
        this.#remove(batch.length);
        this.#isLosing = false;
        this.#sizeLimit = Math.min(this.#sizeLimit * 2, this.#options.batchSize);
        break;
      case "too-large":
        this.#sizeLimit = Math.floor(batch.length / 2);
        break;
      case "refused":
        this.#lose(this.#remove(batch.length));
        break;
    }
    return delivery.outcome !== "later";
  }

  /** The oldest spans, as many as may be sent at once. */
  #nextBatch(): readonly Prepared[] {
    let sizeBytes = 0;
    const end = this.#waiting.findIndex((span, index) => {
      sizeBytes += span.sizeBytes;
      return index >= this.#sizeLimit || sizeBytes > BATCH_BYTES;
    });
    return this.#waiting.slice(0, end === -1 ? undefined : end);
  }

  /** Removes the oldest spans from the queue; returns how many. */
  #remove(count: number): number {
    for (const { sizeBytes } of this.#waiting.splice(0, count)) this.#waitingBytes -= sizeBytes;
    return count;
  }

  #lose(count: number): void {
    if (count === 0) return;
    this.#lostCount += count;
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#options.onLoss();
  }
}
