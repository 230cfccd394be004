import { DeadLetterQueue } from "@playground/server/dead-letters";
import { DEAD_LETTER_QUEUE, emailIdOf, emailQueues, queueLengths } from "@playground/shared/amqp";
import type { Duration } from "@playground/shared/configuration";
import { openBrokerSession } from "./broker_session.ts";
import { documentIn } from "./dead_letter.ts";

/** Counts the emails of a run at the broker. A broken connection is reopened at the next count. */
export type QueueCounter = Awaited<ReturnType<typeof openQueueCounter>>;

/**
 * Connects, before the run starts.
 *
 * @throws {Error} If no node answers.
 */
export async function openQueueCounter(
  urls: readonly URL[],
  retryDelays: readonly Duration[],
  sender: string,
) {
  let session = await openBrokerSession(urls, "load");
  await using resources = new AsyncDisposableStack();
  resources.defer(() => session[Symbol.asyncDispose]());
  const { messageCount: deadBefore } = await session.channel.checkQueue(DEAD_LETTER_QUEUE);
  const openConnection = async () => {
    if (!session.isOpen()) {
      await session[Symbol.asyncDispose]();
      session = await openBrokerSession(urls, "load");
    }
    return session.connection;
  };
  return Object.assign(resources.move(), {
    /**
     * Reads the lengths of the queues, which the broker keeps: the dead letters since the start, and the emails that wait to be
     * sent, for the first time or again. Both include those of other runs.
     */
    async estimate(): Promise<{ readonly deadLettered: number; readonly waiting: number }> {
      const lengths = await queueLengths(await openConnection(), emailQueues(retryDelays));
      const dead = lengths.get(DEAD_LETTER_QUEUE) ?? 0;
      const all = lengths.values().reduce((sum, length) => sum + length, 0);
      return { deadLettered: Math.max(0, dead - deadBefore), waiting: all - dead };
    },

    /** Reads all dead letters; returns the ids of those that are emails of the run. */
    async deadLettered(): Promise<ReadonlySet<string>> {
      await using queue = await DeadLetterQueue.open(await openConnection());
      const ids = new Set<string>();
      for await (const message of queue.messages()) {
        const isOwn = documentIn(message.content)?.sender.address === sender;
        if (isOwn) ids.add(await emailIdOf(message));
      }
      return ids;
    },
  });
}
