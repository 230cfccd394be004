import { context } from "@opentelemetry/api";
import {
  DEAD_LETTER_QUEUE,
  describeOutcome,
  header,
  messageOptions,
  type Publication,
  type Publisher,
  type PublishOutcome,
  QUEUE,
  retryQueue,
} from "@playground/shared/amqp";
import { traceHeaders } from "@playground/shared/tracing";
import type { QueuedEmail, QueuedFacts } from "./queued_email.ts";
import { delayAfter, type RetryPolicy } from "./retry_policy.ts";

/** What became of a message. */
export type Disposition =
  | { readonly outcome: "delivered" }
  | { readonly outcome: "retried"; readonly reason: string }
  | { readonly outcome: "dead-lettered"; readonly reason: string }
  /** Not sent, and no attempt counted: it goes back to the queue. */
  | {
    readonly outcome: "requeued";
    readonly reason: string;
    /** Whether a fresh message stands in the queue already, so that this one may be acknowledged, as in all other cases. */
    readonly isSafe: boolean;
  };

/** What bringing emails to safety needs. */
export interface SafekeepingOptions {
  /** Publishes what is to be tried again, later or when mails can be sent. */
  readonly retryPublisher: Publisher;
  /** Publishes what is given up. */
  readonly deadLetterPublisher: Publisher;
  /** When to try again, and when to give up. */
  readonly policy: RetryPolicy;
  /** Who publishes, as `name/version`. */
  readonly appId: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Why an email was not sent. */
export interface NotSent {
  /** In words. */
  readonly reason: string;
  /** What the mail server said last, where it did say something. */
  readonly lastReply?: string | undefined;
}

/** Brings emails to safety that were not sent. */
export interface Safekeeping {
  /** Lets an email wait for its next attempt; after the last one it is given up. */
  readonly retry: (email: QueuedEmail, notSent: NotSent) => Promise<Disposition>;
  /** Puts an email back into the queue at the same attempt. */
  readonly putBack: (email: QueuedEmail, reason: string) => Promise<Disposition>;
  /** Puts an email to the dead letters. */
  readonly giveUp: (facts: QueuedFacts, notSent: NotSent) => Promise<Disposition>;
}

/** By then the queues are declared again, if somebody has deleted one: see `keepTopology`. */
const REDECLARATION_MS = 1_000;

/**
 * Publishes a message, and once more if no queue took it: the one that it came from may be gone as well, and to give it back would
 * lose it.
 */
async function publishSafely(
  publisher: Publisher,
  publication: Publication,
): Promise<PublishOutcome> {
  const outcome = await publisher.publish(publication);
  if (outcome.status !== "returned") return outcome;
  await new Promise((resolve) => setTimeout(resolve, REDECLARATION_MS));
  return await publisher.publish(publication);
}

/**
 * Makes the functions that bring emails to safety: each publishes a fresh message, and only when the broker has confirmed it the
 * old one may be acknowledged.
 */
export function createSafekeeping(
  { retryPublisher, deadLetterPublisher, policy, appId, now }: SafekeepingOptions,
): Safekeeping {
  const publishForRetry = async (
    email: QueuedEmail,
    queue: string,
    attempt: number,
  ) =>
    await publishSafely(retryPublisher, {
      exchange: "",
      routingKey: queue,
      content: email.content,
      options: messageOptions({
        ...publishedFacts(email),
        headers: { [header.attempt]: attempt, [header.messageId]: email.messageId },
      }),
    });

  const retry = async (email: QueuedEmail, reply: NotSent): Promise<Disposition> => {
    const { attempt } = email;
    const { reason } = reply;
    const delay = delayAfter(policy, attempt);
    if (delay === undefined) {
      const attempts = attempt === 1 ? "1 attempt" : `${attempt} attempts`;
      return await giveUp(email, { ...reply, reason: `gave up after ${attempts}: ${reason}` });
    }
    const outcome = await publishForRetry(email, retryQueue(delay), attempt + 1);
    if (outcome.status === "confirmed") return { outcome: "retried", reason };
    return { outcome: "requeued", reason: `${reason}; ${describeOutcome(outcome)}`, isSafe: false };
  };

  /**
   * Puts a message back that is not to blame, as a fresh one at the same attempt. Giving it back with `basic.nack` would count
   * toward the queue's delivery limit on every RabbitMQ before 4.3, and a pause can be long.
   */
  const putBack = async (email: QueuedEmail, reason: string): Promise<Disposition> => {
    const outcome = await publishForRetry(email, QUEUE, email.attempt);
    if (outcome.status === "confirmed") return { outcome: "requeued", reason, isSafe: true };
    return { outcome: "requeued", reason: `${reason}; ${describeOutcome(outcome)}`, isSafe: false };
  };

  const giveUp = async (
    facts: QueuedFacts,
    { reason, lastReply }: NotSent,
  ): Promise<Disposition> => {
    const outcome = await publishSafely(deadLetterPublisher, {
      exchange: "",
      routingKey: DEAD_LETTER_QUEUE,
      content: facts.content,
      options: messageOptions({
        ...publishedFacts(facts),
        headers: {
          ...traceHeaders(context.active()),
          [header.attempt]: facts.attempt,
          [header.messageId]: facts.messageId,
          [header.deadReason]: reason,
          ...(lastReply === undefined ? {} : { [header.lastReply]: lastReply }),
          [header.deadAt]: new Date(now()).toISOString(),
        },
      }),
    });
    if (outcome.status === "confirmed") return { outcome: "dead-lettered", reason };
    return { outcome: "requeued", reason: `${reason}; ${describeOutcome(outcome)}`, isSafe: false };
  };

  const publishedFacts = ({ emailId, date }: QueuedFacts) => ({
    emailId,
    acceptedAtSeconds: Math.floor(date.getTime() / 1000),
    appId,
  });

  return { retry, putBack, giveUp };
}
