import { DEAD_LETTER_QUEUE, declareTopology, QUEUE, retryQueue } from "@playground/shared/amqp";
import { durations } from "@playground/shared/configuration";
import {
  type BrokerSession,
  DeadLetterQueue,
  openBrokerSession,
  readDeadLetter,
} from "../../tasks/dead_letters/mod.ts";
import { RETRY_DELAYS } from "./system.ts";

/** A dead letter, as far as it is looked at. */
export interface DeadEmail {
  /** The email's id. */
  readonly id: string;
  /** Why it was given up. */
  readonly reason: string;
}

const DELAYS = durations(RETRY_DELAYS).parse(undefined);

/** The queues that are empty when nothing is on its way. */
const WAITING_QUEUES: readonly string[] = [QUEUE, ...DELAYS.map(retryQueue)];

/**
 * Counts the messages that wait, by queue. What an emailer holds is not among them.
 *
 * @param amqpUrl The broker.
 * @returns How many there are in each queue, the dead letters last.
 */
export async function queueLengths(amqpUrl: string): Promise<Readonly<Record<string, number>>> {
  await using session = await openSession(amqpUrl);
  const lengths: Record<string, number> = {};
  for (const queue of [...WAITING_QUEUES, DEAD_LETTER_QUEUE]) {
    lengths[queue] = (await session.channel.checkQueue(queue)).messageCount;
  }
  return lengths;
}

/**
 * Takes dead letters out of their queue.
 *
 * @param amqpUrl The broker.
 * @param isOurs Tells by the email's id which ones; the others are left.
 * @returns The dead letters.
 */
export async function takeDeadLetters(
  amqpUrl: string,
  isOurs: (id: string) => boolean,
): Promise<readonly DeadEmail[]> {
  await using session = await openSession(amqpUrl);
  const queue = new DeadLetterQueue(session.channel);
  const taken: DeadEmail[] = [];
  for await (const message of queue.messages()) {
    const { id, reason } = await readDeadLetter(message);
    if (!isOurs(id)) continue;
    taken.push({ id, reason });
    queue.remove(message);
  }
  await queue.giveBack();
  return taken;
}

/**
 * Removes all that waits at a broker that was there before the run and will be there after it. Dead letters are left.
 *
 * @param amqpUrl The broker.
 */
export async function purgeQueues(amqpUrl: string): Promise<void> {
  await using session = await openSession(amqpUrl);
  for (const queue of WAITING_QUEUES) await session.channel.purgeQueue(queue);
}

async function openSession(amqpUrl: string): Promise<BrokerSession> {
  const session = await openBrokerSession([new URL(amqpUrl)], "chaos");
  // Asking for a queue that is not there would cost the channel (AMQP 0-9-1, 404 NOT_FOUND).
  await declareTopology(session.channel, DELAYS);
  return session;
}
