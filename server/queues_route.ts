import type { Handler } from "@hono/hono";
import { DEAD_LETTER_QUEUE, delayOfRetryQueue, type QueueLengths } from "@playground/shared/amqp";
import { failureReason } from "@playground/shared/http";
import { waitAtMost } from "@playground/shared/time";
import { z } from "zod";
import { answerUnavailable } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** How many messages wait in each queue, by name, or why that is unknown. */
type QueuesResult =
  | { readonly status: "found"; readonly lengths: ReadonlyMap<string, number> }
  | { readonly status: "unavailable"; readonly reason: string };

export type ReadQueues = () => Promise<QueuesResult>;

export const queueList = z.object({
  queues: z.array(z.object({ name: z.string(), messageCount: z.int().min(0) })).readonly(),
  deadLetterCount: z.int().min(0),
  retryCount: z.int().min(0).meta({ description: "How many wait for their next attempt" }),
}).readonly();

/** A healthy broker answers at once. */
const TIMEOUT_MS = 2_000;

export function createQueueReader(queues: Pick<QueueLengths, "read">): ReadQueues {
  return async () => {
    try {
      const reading = queues.read();
      return await waitAtMost(TIMEOUT_MS, reading)
        ? { status: "found", lengths: await reading }
        : { status: "unavailable", reason: `no answer within ${TIMEOUT_MS} ms` };
    } catch (error) {
      return { status: "unavailable", reason: failureReason(error) };
    }
  };
}

/** How many emails wait, now or for their next attempt. */
export function waitingIn(lengths: ReadonlyMap<string, number>): number {
  return countIn(lengths, (name) => name !== DEAD_LETTER_QUEUE);
}

function countIn(
  lengths: ReadonlyMap<string, number>,
  isWanted: (name: string) => boolean,
): number {
  return [...lengths].reduce((sum, [name, count]) => isWanted(name) ? sum + count : sum, 0);
}

/** `GET /api/queues`: how many emails wait at the broker. */
export function getQueues(readQueues: ReadQueues): Handler<ServerEnvironment> {
  return async function getQueues(c) {
    const result = await readQueues();
    if (result.status === "unavailable") {
      return answerUnavailable(
        c,
        "Queues unavailable",
        `Cannot count the queues: ${result.reason}; try again later`,
      );
    }
    const { lengths } = result;
    const list: z.output<typeof queueList> = {
      queues: Array.from(lengths, ([name, messageCount]) => ({ name, messageCount })),
      deadLetterCount: countIn(lengths, (name) => name === DEAD_LETTER_QUEUE),
      retryCount: countIn(lengths, (name) => delayOfRetryQueue(name) !== undefined),
    };
    return c.json(list);
  };
}
