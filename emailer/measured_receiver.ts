import { QUEUE } from "@playground/shared/amqp";
import { measured, type Metrics } from "@playground/shared/metrics";
import type { Receive } from "./receive.ts";

/** Measures how long each message is worked on, and counts what becomes of it. */
export function measuredReceiver(receive: Receive, metrics: Metrics): Receive {
  const durations = metrics.histogram("messaging.process.duration");
  const attempts = metrics.counter("playground.email.attempts");
  return (message, signal) =>
    measured(durations, () => receive(message, signal), ({ outcome }) => {
      attempts.add(1, { outcome });
      const { exchange, routingKey } = message.fields;
      return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "process",
        "messaging.destination.name": `${exchange}:${routingKey}:${QUEUE}`,
        ...(outcome === "delivered" ? {} : { "error.type": outcome }),
      };
    });
}
