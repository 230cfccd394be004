import { type BrokerNode, destinationName, QUEUE } from "@playground/shared/amqp";
import { measured, type Metrics } from "@playground/shared/metrics";
import type { Receive } from "./receive.ts";
import type { MailTransport } from "./smtp_transport.ts";

/** Measures the processing time of each message, and counts the outcomes. */
export function measuredReceiver(
  receive: Receive,
  { metrics, node }: { readonly metrics: Metrics; readonly node: () => BrokerNode },
): Receive {
  const durations = metrics.histogram("messaging.process.duration");
  const attempts = metrics.counter("playground.email.attempts");
  return (message, signal) => {
    const { hostname, port } = node();
    return measured(durations, () => receive(message, signal), ({ outcome }) => {
      attempts.add(1, { outcome });
      return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "process",
        "messaging.destination.name": destinationName({ ...message.fields, queue: QUEUE }),
        "server.address": hostname,
        "server.port": port,
        ...(outcome === "delivered" ? {} : { "error.type": outcome }),
      };
    });
  };
}

export function measuredTransport(transport: MailTransport, metrics: Metrics): MailTransport {
  const durations = metrics.histogram("playground.smtp.duration");
  return {
    send: (mail, signal) =>
      measured(
        durations,
        () => transport.send(mail, signal),
        ({ status }) => ({ outcome: status }),
      ),
  };
}
