import { context } from "@opentelemetry/api";
import {
  DEAD_LETTER_QUEUE,
  describe,
  header,
  messageOptions,
  type Publisher,
  retryQueue,
} from "@playground/shared/amqp";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { b3Headers } from "@playground/shared/tracing";
import { composeMail } from "./mail.ts";
import type { QueuedEmail, QueuedFacts, QueuedMessage } from "./queued_email.ts";
import { delayAfter, type RetryPolicy } from "./retry_policy.ts";
import type { MailTransport } from "./smtp_transport.ts";

/** What became of a message. In all but the last case it may be acknowledged: the email is safe elsewhere. */
export type Disposition =
  | { readonly outcome: "delivered" }
  | { readonly outcome: "retried"; readonly reason: string }
  | { readonly outcome: "dead-lettered"; readonly reason: string }
  /** Neither sent nor safe: the message must go back to the queue. */
  | { readonly outcome: "requeued"; readonly reason: string };

/** What delivering needs. */
export interface DeliveryOptions {
  /** Sends the mail. */
  readonly transport: MailTransport;
  /** Publishes what is to be tried again. */
  readonly retryPublisher: Publisher;
  /** Publishes what is given up. */
  readonly deadLetterPublisher: Publisher;
  /** When to try again, and when to give up. */
  readonly policy: RetryPolicy;
  /** Whether the mail carries the trace. */
  readonly traceThroughSmtp: TraceThroughSmtp;
  /** Who publishes, as `name/version`. */
  readonly appId: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Microseconds since 1970, by the clock of the spans. */
  readonly nowMicroseconds: () => number;
  /** Called when no mail can be sent until somebody acts; tells when it is time to try again, or that it never will be. */
  readonly waitUntilUsable: (reason: string) => Promise<boolean>;
}

/** Sends the email of a message, or brings it to safety. */
export type Deliver = (message: QueuedMessage) => Promise<Disposition>;

/**
 * Makes the function that decides what becomes of a message.
 *
 * @param options What it needs.
 * @returns The function.
 */
export function createDelivery(options: DeliveryOptions): Deliver {
  const { transport, retryPublisher, deadLetterPublisher, policy, appId, now } = options;

  const send = async (email: QueuedEmail) => {
    const b3 = options.traceThroughSmtp === "off" ? undefined : b3Headers(context.active());
    const trace = b3 && { b3, sentAtMicroseconds: options.nowMicroseconds() };
    return await transport.send(await composeMail({ ...email, trace }));
  };

  const retry = async (email: QueuedEmail, reason: string): Promise<Disposition> => {
    const delay = delayAfter(policy, email.attempt);
    if (delay === undefined) return await giveUp(email, reason);
    const outcome = await retryPublisher.publish({
      exchange: "",
      routingKey: retryQueue(delay),
      content: email.content,
      options: messageOptions({
        ...publishedFacts(email),
        headers: {
          [header.attempt]: email.attempt + 1,
          [header.messageId]: email.messageId,
        },
      }),
    });
    if (outcome.status === "confirmed") return { outcome: "retried", reason };
    return { outcome: "requeued", reason: `${reason}; ${describe(outcome)}` };
  };

  const giveUp = async (facts: QueuedFacts, reason: string): Promise<Disposition> => {
    const outcome = await deadLetterPublisher.publish({
      exchange: "",
      routingKey: DEAD_LETTER_QUEUE,
      content: facts.content,
      options: messageOptions({
        ...publishedFacts(facts),
        headers: {
          ...b3Headers(context.active()),
          [header.attempt]: facts.attempt,
          [header.messageId]: facts.messageId,
          [header.deadReason]: reason,
          [header.lastReply]: reason,
          [header.deadAt]: new Date(now()).toISOString(),
        },
      }),
    });
    if (outcome.status === "confirmed") return { outcome: "dead-lettered", reason };
    return { outcome: "requeued", reason: `${reason}; ${describe(outcome)}` };
  };

  const publishedFacts = ({ emailId, date }: QueuedFacts) => ({
    emailId,
    acceptedAtSeconds: Math.floor(date.getTime() / 1000),
    appId,
  });

  return async (message) => {
    if (!message.ok) return await giveUp(message.facts, message.error);
    for (;;) {
      const outcome = await send(message.email);
      switch (outcome.status) {
        case "accepted":
          return { outcome: "delivered" };
        case "deferred":
          return await retry(message.email, outcome.reason);
        case "rejected":
          return await giveUp(message.email, outcome.reason);
        case "unusable":
          // Not the email's fault: it keeps its place and its attempts.
          if (await options.waitUntilUsable(outcome.reason)) continue;
          return { outcome: "requeued", reason: outcome.reason };
      }
    }
  };
}
