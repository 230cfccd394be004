import { getLogger } from "@logtape/logtape";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { CollectorUnavailableError } from "./span_queue.ts";

/**
 * Watches an exporter: says in the log once that the collector is away and once that it is back, and tells a collector that is
 * away from one that refuses spans, so that the queue keeps them in the first case only.
 */
export class CollectorWatch implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #isRefusal: (error: Error | undefined) => boolean;
  readonly #logger = getLogger(["tracing"]);
  #failing = false;

  /**
   * Watches an exporter.
   *
   * @param exporter Whoever sends the spans.
   * @param isRefusal Whether the collector is there and would refuse the same spans again.
   */
  constructor(exporter: SpanExporter, isRefusal: (error: Error | undefined) => boolean) {
    this.#exporter = exporter;
    this.#isRefusal = isRefusal;
  }

  /** Sends a batch. */
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => done(this.#judge(result)));
  }

  /** Sends what the exporter holds back, and stops it. */
  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #judge(result: ExportResult): ExportResult {
    const { code, error } = result;
    const failing = code !== ExportResultCode.SUCCESS;
    if (failing !== this.#failing) this.#announce(failing, error);
    this.#failing = failing;
    if (!failing || this.#isRefusal(error)) return result;
    const reason = error?.message ?? "no reason given";
    return { code, error: new CollectorUnavailableError(reason, { cause: error }) };
  }

  #announce(failing: boolean, error: Error | undefined): void {
    if (failing) {
      this.#logger.warn("The collector is away, emails travel all the same: {reason}", {
        reason: error?.message ?? "no reason given",
      });
    } else {
      this.#logger.info("The collector takes spans again");
    }
  }
}
