import type { Attributes } from "@opentelemetry/api";
import { DEAD_LETTER_QUEUE, QUEUE, type QueueLengths, retryQueue } from "@playground/shared/amqp";
import type { Duration } from "@playground/shared/configuration";
import type { Metrics, Observation } from "@playground/shared/metrics";

/** Shows in the metrics how many emails wait, and how many are dead letters. */
export function observeQueueLengths(
  metrics: Metrics,
  lengths: QueueLengths,
  retryDelays: readonly Duration[],
): void {
  const lengthOf = async (
    queue: string,
    attributes: Attributes = {},
  ): Promise<readonly Observation[]> => {
    const value = (await lengths.read()).get(queue);
    return value === undefined ? [] : [{ value, attributes }];
  };
  metrics.observe("playground.queue.messages", () => lengthOf(QUEUE));
  metrics.observe("playground.dead_letters", () => lengthOf(DEAD_LETTER_QUEUE));
  metrics.observe("playground.retries.waiting", async () => {
    const ofRetries = retryDelays.map((delay) =>
      lengthOf(retryQueue(delay), { delay: delay.text })
    );
    return (await Promise.all(ofRetries)).flat();
  });
}
