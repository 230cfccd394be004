import { context } from "@opentelemetry/api";
import { getLogger } from "@logtape/logtape";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { cutText } from "@playground/shared/text";
import { traceHeaders } from "@playground/shared/tracing";
import { composeMail, type Mail } from "./mail.ts";
import type { OperatorPause } from "./operator_pause.ts";
import type { QueuedEmail, QueuedMessage } from "./queued_email.ts";
import { createSafekeeping, type Disposition, type SafekeepingOptions } from "./safekeeping.ts";
import type { MailTransport } from "./smtp_transport.ts";
import { withoutLocalParts } from "./without_local_parts.ts";

/** What delivering needs. */
export interface DeliveryOptions extends SafekeepingOptions {
  /** Sends the mail. */
  readonly transport: MailTransport;
  /** Whether the mail carries the trace. */
  readonly traceThroughSmtp: TraceThroughSmtp;
  /** Microseconds since 1970, by the clock of the spans. */
  readonly nowMicroseconds: () => number;
  /** Begins when no mail can be sent until somebody acts. */
  readonly pause: Pick<OperatorPause, "reason" | "begin">;
  /** Writes the mail. @default {@linkcode composeMail} */
  readonly compose?: typeof composeMail;
}

/** Sends the email of a message, or brings it to safety, unless the signal tells that the broker gives it to somebody else. */
export type Deliver = (message: QueuedMessage, signal: AbortSignal) => Promise<Disposition>;

/** A handler that has lost its channel does nothing more: whatever it did, the next one would do once more. */
const OVERTAKEN: Disposition = {
  outcome: "requeued",
  reason: "the connection to RabbitMQ broke, which delivers the message again",
  isSafe: false,
};

/** Makes the function that decides what becomes of a message. */
export function createDelivery(options: DeliveryOptions): Deliver {
  const { transport, pause, compose = composeMail } = options;
  const { retry, putBack, giveUp } = createSafekeeping(options);
  const logger = getLogger(["emailer"]);

  /** Writes the mail; `undefined` if that fails, which it would do at every attempt. */
  const write = async (email: QueuedEmail): Promise<Mail | undefined> => {
    const headers = options.traceThroughSmtp === "off" ? undefined : traceHeaders(context.active());
    const trace = headers && { headers, sentAtMicroseconds: options.nowMicroseconds() };
    try {
      return await compose({ ...email, trace });
    } catch (error) {
      logger.error("Cannot write the mail of email {emailId}: {reason}", {
        emailId: email.emailId,
        reason: cutText(withoutLocalParts(String(error))),
      });
      return undefined;
    }
  };

  return async (message, signal) => {
    if (signal.aborted) return OVERTAKEN;
    if (!message.ok) return await giveUp(message.facts, { reason: message.error });
    const { email } = message;
    if (pause.reason !== undefined) return await putBack(email, pause.reason);
    const mail = await write(email);
    if (mail === undefined) {
      return await giveUp(email, {
        reason: "the mail cannot be written; the emailer's log says why",
      });
    }
    const outcome = await transport.send(mail, signal);
    if (outcome.status === "accepted") return { outcome: "delivered" };
    if (signal.aborted) return OVERTAKEN;
    const { status, reason, replyCode } = outcome;
    const lastReply = replyCode === undefined ? undefined : reason;
    switch (status) {
      case "deferred":
        return await retry(email, { reason, lastReply });
      case "rejected":
        return await giveUp(email, { reason: `refused for good: ${reason}`, lastReply });
      case "unusable":
        pause.begin(reason);
        return await putBack(email, reason);
      case "postponed":
        return await putBack(email, reason);
      case "cancelled":
        return { outcome: "requeued", reason, isSafe: false };
    }
  };
}
