import {
  EXCHANGE,
  header,
  messageOptions,
  type Publisher,
  type PublishOutcome,
  ROUTING_KEY,
} from "@playground/shared/amqp";
import { type EmailDocument, idempotentEmailId, messageIdOf } from "@playground/shared/email";

const encoder = new TextEncoder();

interface EmailSchedulerOptions {
  readonly publisher: Publisher;
  readonly messageIdDomain: string;
  /** The publisher, as `name/version`. */
  readonly appId: string;
}

interface ScheduledEmail {
  readonly id: string;
  readonly messageId: string;
  /** Only `confirmed` is a promise. */
  readonly outcome: PublishOutcome;
}

export type ScheduleEmail = (
  document: EmailDocument,
  idempotencyKey?: string,
) => Promise<ScheduledEmail>;

/**
 * Makes the function that turns a valid document into a message on the queue.
 *
 * Id, Message-ID and Date are fixed here, once, so that they are the same at every attempt to send the mail.
 */
export function createEmailScheduler(options: EmailSchedulerOptions): ScheduleEmail {
  const { publisher, messageIdDomain, appId } = options;
  return async (document, idempotencyKey) => {
    const id = idempotencyKey === undefined
      ? crypto.randomUUID()
      : await idempotentEmailId(idempotencyKey, document);
    const messageId = messageIdOf(id, messageIdDomain);
    const outcome = await publisher.publish({
      exchange: EXCHANGE,
      routingKey: ROUTING_KEY,
      content: encoder.encode(JSON.stringify(document)),
      options: messageOptions({
        emailId: id,
        acceptedAtSeconds: Math.floor(Date.now() / 1000),
        appId,
        headers: { [header.attempt]: 1, [header.messageId]: messageId },
      }),
    });
    return { id, messageId, outcome };
  };
}
