import { measured, type Metrics } from "../metrics/mod.ts";
import type { Publisher } from "./publisher.ts";

/** Measures how long the broker takes to confirm each publication, and counts why it did not. */
export function measuredPublisher(publisher: Publisher, metrics: Metrics): Publisher {
  const durations = metrics.histogram("messaging.client.operation.duration");
  return {
    publish: (publication) =>
      measured(durations, () => publisher.publish(publication), ({ status }) => ({
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": `${publication.exchange}:${publication.routingKey}`,
        ...(status === "confirmed" ? {} : { "error.type": status }),
      })),
  };
}
