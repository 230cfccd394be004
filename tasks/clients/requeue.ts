import { context } from "@opentelemetry/api";
import {
  describeOutcome,
  EXCHANGE,
  header,
  messageHeaders,
  messageOptions,
  type Publication,
  type Publisher,
  ROUTING_KEY,
} from "@playground/shared/amqp";
import { extractContext } from "@playground/shared/tracing";
import type { GetMessage, Message } from "amqplib";
import { emailIdOf } from "./dead_letter.ts";
import type { DeadLetterQueue } from "./dead_letter_queue.ts";

/** What requeuing needs. */
export interface RequeueOptions {
  /** Where the dead letters are held. */
  readonly queue: DeadLetterQueue;
  /** Publishes the fresh messages. */
  readonly publisher: Publisher;
  /** Who publishes, as `name/version`. */
  readonly appId: string;
  /** Milliseconds since 1970, for a dead letter that does not say when its email was accepted. */
  readonly now: () => number;
  /** Where the messages go. @default the exchange and the routing key of every email */
  readonly destination?: Pick<Publication, "exchange" | "routingKey">;
}

/** What became of requeuing one dead letter. */
export type RequeueOutcome =
  | { readonly status: "requeued"; readonly id: string }
  /** The broker did not take the message; the dead letter is still there. */
  | { readonly status: "failed"; readonly id: string; readonly reason: string };

/** What became of requeuing many. */
export interface RequeueSummary {
  /** How many were requeued. */
  readonly count: number;
  /** The first that was not, which ended it. */
  readonly failure: Extract<RequeueOutcome, { status: "failed" }> | undefined;
}

/** How many messages may wait for the broker's confirm at once. */
const MAX_UNCONFIRMED = 64;

/**
 * Makes the function that sends a dead letter on its way again: a fresh message with only our own headers, from attempt 1, in the
 * same trace and with the same Message-ID and Date.
 *
 * The dead letter is removed once the broker has confirmed the new message and not returned it. Whoever dies in between leaves
 * both: the email is sent twice, and archived once, since its content is the same.
 */
export function createRequeue(
  options: RequeueOptions,
): (message: GetMessage) => Promise<RequeueOutcome> {
  const { queue, publisher } = options;
  return async (message) => {
    const publication = await freshPublication(message, options);
    const id = String(publication.options.messageId);
    const outcome = await context.with(
      extractContext(messageHeaders(message)),
      () => publisher.publish(publication),
    );
    if (outcome.status !== "confirmed") {
      return { status: "failed", id, reason: describeOutcome(outcome) };
    }
    queue.remove(message);
    return { status: "requeued", id };
  };
}

/**
 * Requeues all dead letters that are there at the start. The first failure ends it: the others would fail the same way.
 */
export async function requeueAll(
  options: RequeueOptions,
  onProgress: (count: number) => void = () => {},
  signal?: AbortSignal,
): Promise<RequeueSummary> {
  const requeue = createRequeue(options);
  const unconfirmed = new Set<Promise<void>>();
  let count = 0;
  let failure: RequeueSummary["failure"];
  for await (const message of options.queue.messages(signal)) {
    const settled = requeue(message).then((outcome) => {
      unconfirmed.delete(settled);
      if (outcome.status === "requeued") onProgress(++count);
      else failure ??= outcome;
    });
    unconfirmed.add(settled);
    if (unconfirmed.size >= MAX_UNCONFIRMED) await Promise.race(unconfirmed);
    if (failure !== undefined) break;
  }
  await Promise.all(unconfirmed);
  return { count, failure };
}

async function freshPublication(
  message: Message,
  { appId, now, destination = { exchange: EXCHANGE, routingKey: ROUTING_KEY } }: RequeueOptions,
): Promise<Publication> {
  const { content, properties } = message;
  const messageId = messageHeaders(message)(header.messageId);
  const timestamp: unknown = properties.timestamp;
  return {
    ...destination,
    content,
    options: messageOptions({
      emailId: await emailIdOf(message),
      acceptedAtSeconds: typeof timestamp === "number" ? timestamp : Math.floor(now() / 1000),
      appId,
      headers: {
        [header.attempt]: 1,
        ...(messageId === undefined ? {} : { [header.messageId]: messageId }),
      },
    }),
  };
}
