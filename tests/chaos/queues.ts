import {
  DEAD_LETTER_QUEUE,
  declareTopology,
  messageHeaders,
  QUEUE,
  retryQueue,
} from "@playground/shared/amqp";
import { durations } from "@playground/shared/configuration";
import {
  type BrokerSession,
  type DeadLetter,
  DeadLetterQueue,
  openBrokerSession,
  readDeadLetter,
} from "@playground/tasks/clients/broker";

export interface DeadEmail
  extends Pick<DeadLetter, "id" | "reason" | "lastReply" | "attempts" | "traceId" | "deadAt"> {
  /** The `emailer` span that gave it up: 16 hexadecimal digits. */
  readonly spanId: string | undefined;
}

/** The waits before an email is tried again. Seven attempts take five seconds: longer than any one fault. */
export const RETRY_DELAYS = "300ms,700ms,1s";
const DELAYS = durations(RETRY_DELAYS).parse(undefined);

/** The queues that are empty when nothing is on its way. */
export const WAITING_QUEUES: readonly string[] = [QUEUE, ...DELAYS.map(retryQueue)];

/** Counts the messages that wait, by queue. What an emailer holds is not among them. */
export async function queueLengths(
  amqpUrls: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  await using session = await openSession(amqpUrls);
  const lengths: Record<string, number> = {};
  for (const queue of [...WAITING_QUEUES, DEAD_LETTER_QUEUE]) {
    lengths[queue] = (await session.channel.checkQueue(queue)).messageCount;
  }
  return lengths;
}

export async function takeDeadLetters(
  amqpUrls: readonly string[],
  isOurs: (id: string) => boolean,
): Promise<readonly DeadEmail[]> {
  await using session = await openSession(amqpUrls);
  const queue = new DeadLetterQueue(session.channel);
  const taken: DeadEmail[] = [];
  for await (const message of queue.messages()) {
    const letter = await readDeadLetter(message);
    if (!isOurs(letter.id)) continue;
    taken.push({ ...letter, spanId: messageHeaders(message)("x-b3-spanid") });
    queue.remove(message);
  }
  await queue.giveBack();
  return taken;
}

/**
 * Removes all that waits at a broker that was there before the run and will be there after it. Dead letters are left.
 */
export async function purgeQueues(amqpUrls: readonly string[]): Promise<void> {
  await using session = await openSession(amqpUrls);
  for (const queue of WAITING_QUEUES) await session.channel.purgeQueue(queue);
}

/** Deletes the queue of the emailers, and leaves it to the services to declare it again. */
export async function deleteSendQueue(amqpUrls: readonly string[]): Promise<void> {
  await using session = await openSession(amqpUrls);
  await session.channel.deleteQueue(QUEUE);
}

async function openSession(amqpUrls: readonly string[]): Promise<BrokerSession> {
  const session = await openBrokerSession(amqpUrls.map((url) => new URL(url)), "chaos");
  // Asking for a queue that is not there would cost the channel (AMQP 0-9-1, 404 NOT_FOUND).
  await declareTopology(session.channel, DELAYS);
  return session;
}
