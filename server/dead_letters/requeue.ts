import { context } from "@opentelemetry/api";
import {
  describeOutcome,
  emailIdOf,
  EXCHANGE,
  header,
  messageHeaders,
  messageOptions,
  type Publication,
  type Publisher,
  ROUTING_KEY,
} from "@playground/shared/amqp";
import { failureReason } from "@playground/shared/http";
import { extractContext } from "@playground/shared/tracing";
import type { GetMessage, Message } from "amqplib";

export interface RequeueOptions {
  /** Removes a dead letter: the broker has its new message. Rejects if it may still be there. */
  readonly remove: (message: GetMessage, emailId: string) => Promise<void>;
  readonly publisher: Publisher;
  /** Who publishes, as `name/version`. */
  readonly appId: string;
  /** Where the messages go. @default the exchange and the routing key of every email */
  readonly destination?: Pick<Publication, "exchange" | "routingKey">;
}

/** Why the other dead letters are still there. */
interface RequeueFailure {
  readonly id?: string;
  readonly reason: string;
  /** Whether the email may be sent again all the same. */
  readonly isDoubtful?: boolean;
}

/** How many messages may wait for the broker's confirm at once, and of how many bytes. */
const MAX_UNCONFIRMED = 64;
const MAX_UNCONFIRMED_BYTES = 4 * 1024 * 1024;

/**
 * Sends dead letters again, up to the first failure, since the others would fail the same way. Each becomes a fresh message with
 * only our own headers, from attempt 1, in the same trace and with the same Message-ID and Date.
 *
 * A dead letter is removed once the broker has confirmed the new message and not returned it. A crash in between leaves both: the
 * email is sent twice and archived once, since its content is the same.
 */
export async function requeue(
  messages: AsyncIterable<GetMessage> | Iterable<GetMessage>,
  options: RequeueOptions,
): Promise<{ readonly count: number; readonly failure: RequeueFailure | undefined }> {
  const unconfirmed = new Set<Promise<void>>();
  let unconfirmedBytes = 0;
  let count = 0;
  let failure: RequeueFailure | undefined;
  try {
    for await (const message of messages) {
      const { length } = message.content;
      unconfirmedBytes += length;
      const settled = requeueOne(message, options).then((failed) => {
        unconfirmed.delete(settled);
        unconfirmedBytes -= length;
        if (failed === undefined) count++;
        else if (failure === undefined || failed.isDoubtful) failure = failed;
      });
      unconfirmed.add(settled);
      while (unconfirmed.size >= MAX_UNCONFIRMED || unconfirmedBytes > MAX_UNCONFIRMED_BYTES) {
        await Promise.race(unconfirmed);
      }
      if (failure !== undefined) break;
    }
  } catch (error) {
    // What the broker confirms now must still be removed.
    await Promise.all(unconfirmed);
    failure ??= { reason: failureReason(error) };
  }
  await Promise.all(unconfirmed);
  return { count, failure };
}

async function requeueOne(
  message: GetMessage,
  options: RequeueOptions,
): Promise<RequeueFailure | undefined> {
  const publication = await freshPublication(message, options);
  const outcome = await context.with(
    extractContext(messageHeaders(message)),
    () => options.publisher.publish(publication),
  );
  const id = String(publication.options.messageId);
  if (outcome.status === "confirmed") {
    try {
      await options.remove(message, id);
      return undefined;
    } catch (error) {
      const reason = `it is sent again, but perhaps not removed: ${failureReason(error)}`;
      return { id, reason, isDoubtful: true };
    }
  }
  const isDoubtful = outcome.status === "unconfirmed" || outcome.status === "disconnected";
  const doubt = isDoubtful ? "; it may be sent again all the same" : "";
  return { id, reason: `${describeOutcome(outcome)}${doubt}`, isDoubtful };
}

async function freshPublication(
  message: Message,
  { appId, destination = { exchange: EXCHANGE, routingKey: ROUTING_KEY } }: RequeueOptions,
): Promise<Publication> {
  const { content, properties } = message;
  const messageId = messageHeaders(message)(header.messageId);
  const timestamp: unknown = properties.timestamp;
  return {
    ...destination,
    content,
    options: messageOptions({
      emailId: await emailIdOf(message),
      // JavaScript may have rounded a later one up beyond the 64 bits of AMQP.
      acceptedAtSeconds: typeof timestamp === "number" && Number.isSafeInteger(timestamp)
        ? timestamp
        : Math.floor(Date.now() / 1000),
      appId,
      headers: {
        [header.attempt]: 1,
        ...(messageId === undefined ? {} : { [header.messageId]: messageId }),
      },
    }),
  };
}
