import { delayOfRetryQueue } from "@playground/shared/amqp";
import { attribute, type ZipkinSpan } from "@playground/shared/tracing";

/** A message that waits in a retry queue. */
export interface PendingRetry {
  /** When it was put there, in microseconds since 1970. */
  readonly sinceUs: number;
  /** When the broker takes it out again, as an ISO time. */
  readonly nextAttemptAt: string;
}

/**
 * Tells when the next attempt is due: the delay is in the name of the retry queue, which is the routing key of the publish.
 */
export function pendingRetryOf(
  spans: readonly ZipkinSpan[],
  attempt: ZipkinSpan,
): PendingRetry | undefined {
  for (const { name, kind, parentId, timestamp, tags = {} } of spans) {
    if (name !== "amqp-retry" || kind !== "PRODUCER" || parentId !== attempt.id) continue;
    const delay = delayOfRetryQueue(tags[attribute.amqpRoutingKey] ?? "");
    if (timestamp === undefined || delay === undefined || tags.error !== undefined) continue;
    return {
      sinceUs: timestamp,
      nextAttemptAt: new Date(timestamp / 1_000 + delay.milliseconds).toISOString(),
    };
  }
  return undefined;
}
