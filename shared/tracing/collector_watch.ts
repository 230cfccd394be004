import { getLogger } from "@logtape/logtape";
import type { Delivery } from "./batch_exporter.ts";

/** Logs, at each change, whether the collector accepts spans now, later or never. */
export class CollectorWatch {
  readonly #logger = getLogger(["tracing"]);
  #isLimitKnown = false;
  #last: Delivery["outcome"] = "taken";

  note(delivery: Delivery): void {
    if (delivery.outcome === "too-large") return this.#noteLimit(delivery.reason);
    if (delivery.outcome === this.#last) return;
    this.#last = delivery.outcome;
    switch (delivery.outcome) {
      case "taken":
        this.#logger.info("The collector accepts spans again");
        break;
      case "later":
        this.#logger.warn(
          "The collector accepts no spans now; they wait, emails do not: {reason}",
          { reason: delivery.reason },
        );
        break;
      case "refused":
        this.#logger.warn(
          "The collector refuses spans; they are lost, emails are not: {reason}",
          { reason: delivery.reason },
        );
        break;
    }
  }

  /** Once: larger batches are tried after smaller ones, so the limit is hit repeatedly. */
  #noteLimit(reason: string): void {
    if (this.#isLimitKnown) return;
    this.#isLimitKnown = true;
    this.#logger.info("The collector accepts only smaller batches: {reason}", { reason });
  }
}
