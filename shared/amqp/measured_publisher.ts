import { measured, type Metrics } from "../metrics/mod.ts";
import type { BrokerNode } from "./connection.ts";
import { destinationName } from "./message.ts";
import type { Publisher } from "./publisher.ts";

/** Measures how long the broker takes to confirm each publication, and counts failures by reason. */
export function measuredPublisher(
  publisher: Publisher,
  { metrics, node }: { readonly metrics: Metrics; readonly node: () => BrokerNode },
): Publisher {
  const durations = metrics.histogram("messaging.client.operation.duration");
  return {
    publish: (publication) => {
      // Read before: after a failure, another node may be in use.
      const { hostname, port } = node();
      return measured(durations, () => publisher.publish(publication), ({ status }) => ({
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": destinationName(publication),
        "server.address": hostname,
        "server.port": port,
        ...(status === "confirmed" ? {} : { "error.type": status }),
      }));
    },
  };
}
