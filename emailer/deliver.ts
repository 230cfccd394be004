import { getLogger } from "@logtape/logtape";
import type { ComposeMail, Mail } from "./mail.ts";
import type { OperatorPause } from "./operator_pause.ts";
import type { QueuedMessage } from "./queued_email.ts";
import type { Disposition, Republisher } from "./republish.ts";
import type { MailTransport } from "./smtp_transport.ts";

interface DeliveryOptions {
  readonly transport: MailTransport;
  readonly republisher: Republisher;
  /** Begins when no mail can be sent until a person acts. */
  readonly pause: Pick<OperatorPause, "reason" | "begin">;
  readonly compose: ComposeMail;
}

/** Sends the email of a message, or republishes it. Once the signal aborts, the broker redelivers the message. */
export type Deliver = (message: QueuedMessage, signal: AbortSignal) => Promise<Disposition>;

/** The broker redelivers the message: any action here would happen twice. */
const OVERTAKEN: Disposition = {
  outcome: "requeued",
  reason: "the connection to RabbitMQ broke; RabbitMQ redelivers the message",
  isSafe: false,
};

export function createDelivery(
  { transport, republisher, pause, compose }: DeliveryOptions,
): Deliver {
  const logger = getLogger(["emailer"]);
  return async (email, signal) => {
    if (signal.aborted) return OVERTAKEN;
    if (!email.ok) return await republisher.deadLetter(email, { reason: email.error });
    if (pause.reason !== undefined) return await republisher.requeue(email, pause.reason);
    let mail: Mail;
    try {
      mail = compose(email);
    } catch (error) {
      // Every attempt would fail the same way. The error's text is omitted, since it may quote the email.
      const { name, message, stack = "" } = error instanceof Error ? error : new Error();
      logger.error("Cannot write the mail of email {emailId}: {stack}", {
        emailId: email.emailId,
        stack: stack.replace(message, "…"),
      });
      return await republisher.deadLetter(email, { reason: `the mail cannot be written: ${name}` });
    }
    const outcome = await transport.send(mail, signal);
    if (outcome.status === "accepted") return { outcome: "delivered" };
    if (signal.aborted || outcome.status === "cancelled") return OVERTAKEN;
    const { status, reason, replyCode } = outcome;
    const lastReply = replyCode === undefined ? undefined : reason;
    switch (status) {
      case "deferred":
        return await republisher.retry(email, { reason, lastReply });
      case "rejected":
        return await republisher.deadLetter(email, {
          reason: `refused for good: ${reason}`,
          lastReply,
        });
      case "unusable":
        pause.begin(reason);
        return await republisher.requeue(email, reason);
      case "postponed":
        return await republisher.requeue(email, reason);
    }
  };
}
