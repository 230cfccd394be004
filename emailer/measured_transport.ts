import { measured, type Metrics } from "@playground/shared/metrics";
import type { MailTransport } from "./smtp_transport.ts";

/** Measures how long sending takes. */
export function measuredTransport(transport: MailTransport, metrics: Metrics): MailTransport {
  const durations = metrics.histogram("playground.smtp.duration");
  return {
    send: (mail, signal) =>
      measured(durations, () => transport.send(mail, signal), ({ status }) => ({
        outcome: status,
      })),
  };
}
