import {
  DEAD_LETTER_QUEUE,
  describeOutcome,
  header,
  messageOptions,
  type Publication,
  type Publisher,
  QUEUE,
  retryQueue,
} from "@playground/shared/amqp";
import type { Duration } from "@playground/shared/configuration";
import { sleep } from "@playground/shared/time";
import { VERSION } from "@playground/shared/version";
import type { EmailerConfiguration } from "./configuration.ts";
import type { QueuedEmail, QueuedFacts } from "./queued_email.ts";

export type Disposition =
  | { readonly outcome: "delivered" }
  | { readonly outcome: "retried" | "dead-lettered"; readonly reason: string }
  /** Not sent, and no attempt counted: it goes back to the queue. */
  | {
    readonly outcome: "requeued";
    readonly reason: string;
    /** Whether a fresh message is already in the queue, so that this one may be acknowledged, as in all other cases. */
    readonly isSafe: boolean;
  };

/** When an email that could not be sent is tried again. */
interface RetryPolicy {
  /** The waits after the first attempt, the second, …; the last one repeats. */
  readonly delays: readonly Duration[];
  readonly maxAttempts: number;
}

export function retryPolicyOf(configuration: EmailerConfiguration): RetryPolicy {
  const { RETRY_DELAYS: delays, MAX_ATTEMPTS } = configuration;
  return { delays, maxAttempts: MAX_ATTEMPTS === 0 ? delays.length + 1 : MAX_ATTEMPTS };
}

interface RepublisherOptions {
  /** Publishes emails to try again, later or after a pause. */
  readonly retryPublisher: Publisher;
  readonly deadLetterPublisher: Publisher;
  readonly policy: RetryPolicy;
}

interface SendFailure {
  readonly reason: string;
  readonly lastReply?: string | undefined;
}

/** By then a deleted queue is redeclared: see `keepTopology`. */
const REDECLARATION_MS = 1_000;

/**
 * Publishes a fresh message for an email that was not sent. The old message may be acknowledged only when the broker has
 * confirmed the fresh one.
 */
export class Republisher {
  readonly #options: RepublisherOptions;

  constructor(options: RepublisherOptions) {
    this.#options = options;
  }

  /** Lets an email wait for its next attempt; after the last one it becomes a dead letter. */
  async retry(email: QueuedEmail, failure: SendFailure): Promise<Disposition> {
    const { attempt } = email;
    const { reason } = failure;
    const { delays, maxAttempts } = this.#options.policy;
    const delay = delays[attempt - 1] ?? delays.at(-1);
    if (attempt >= maxAttempts || delay === undefined) {
      const attempts = attempt === 1 ? "1 attempt" : `${attempt} attempts`;
      return await this.deadLetter(email, {
        ...failure,
        reason: `gave up after ${attempts}: ${reason}`,
      });
    }
    const next = this.#publication({ ...email, attempt: attempt + 1 }, retryQueue(delay));
    return await publishSafely(this.#options.retryPublisher, next, { outcome: "retried", reason });
  }

  /**
   * Requeues an email that is not at fault, at the same attempt. `basic.nack` would count toward the queue's delivery limit on
   * every RabbitMQ before 4.3, and a pause can be long.
   */
  async requeue(email: QueuedEmail, reason: string): Promise<Disposition> {
    const publication = this.#publication(email, QUEUE);
    return await publishSafely(this.#options.retryPublisher, publication, {
      outcome: "requeued",
      reason,
      isSafe: true,
    });
  }

  async deadLetter(facts: QueuedFacts, { reason, lastReply }: SendFailure): Promise<Disposition> {
    const publication = this.#publication(facts, DEAD_LETTER_QUEUE, {
      [header.deadReason]: reason,
      ...(lastReply === undefined ? {} : { [header.lastReply]: lastReply }),
      [header.deadAt]: new Date().toISOString(),
    });
    return await publishSafely(this.#options.deadLetterPublisher, publication, {
      outcome: "dead-lettered",
      reason,
    });
  }

  #publication(
    { content, emailId, messageId, date, attempt }: QueuedFacts,
    queue: string,
    headers: Readonly<Record<string, string>> = {},
  ): Publication {
    return {
      exchange: "",
      routingKey: queue,
      content,
      options: messageOptions({
        emailId,
        acceptedAtSeconds: Math.floor(date.getTime() / 1000),
        appId: `emailer/${VERSION}`,
        headers: { [header.attempt]: attempt, [header.messageId]: messageId, ...headers },
      }),
    };
  }
}

/** Publishes a returned message again: its own queue may be gone as well, and a `basic.nack` would lose it. */
async function publishSafely(
  publisher: Publisher,
  publication: Publication,
  confirmed: Exclude<Disposition, { outcome: "delivered" }>,
): Promise<Disposition> {
  let outcome = await publisher.publish(publication);
  if (outcome.status === "returned") {
    await sleep(REDECLARATION_MS);
    outcome = await publisher.publish(publication);
  }
  if (outcome.status === "confirmed") return confirmed;
  const reason = `${confirmed.reason}; ${describeOutcome(outcome)}`;
  return { outcome: "requeued", reason, isSafe: false };
}
