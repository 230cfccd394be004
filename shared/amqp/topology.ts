import { getLogger } from "@logtape/logtape";
import type { Channel, ConfirmChannel } from "amqplib";
import { type Duration, parseDuration } from "../configuration/variables.ts";

/** The topic exchange that every email goes through. */
export const EXCHANGE = "rpc";
/** The routing key of an email to be sent. */
export const ROUTING_KEY = "send.email";
/** The queue that the emailer consumes. */
export const QUEUE = "send-email";
const RETRY_QUEUE_PREFIX = `${QUEUE}.retry.`;
/** The queue of emails that could not be sent, each with its reason. */
export const DEAD_LETTER_QUEUE = "send-email.dead";

/**
 * How often a message may be redelivered before the broker dead-letters it. It is not small, since a consumer's crash counts for
 * every message that it had not acknowledged.
 */
const DELIVERY_LIMIT = 20;

/**
 * Looking at a dead letter is a delivery. RabbitMQ 4 limits a quorum queue to 20 by default and would then drop the dead letter
 * (https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling); 3.10 refuses its -1 for "none".
 */
const UNLIMITED_DELIVERIES = 2 ** 31 - 1;

/**
 * The arguments of a quorum queue that dead-letters without loss: the default strategy may drop a message on its way
 * (https://www.rabbitmq.com/docs/quorum-queues#dead-lettering).
 */
function losslessQuorumQueue(deadLetterExchange: string, deadLetterRoutingKey: string) {
  return {
    "x-queue-type": "quorum",
    "x-dead-letter-exchange": deadLetterExchange,
    "x-dead-letter-routing-key": deadLetterRoutingKey,
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
  };
}

/**
 * The queue in which a message waits for one delay. Each delay has a queue, since in a shared one each message would wait for
 * those before it; the delay is in the name, since a queue's time to live cannot be changed.
 */
export function retryQueue(delay: Duration): string {
  return `${RETRY_QUEUE_PREFIX}${delay.text}`;
}

/** All queues of emails: to be sent, waiting for another attempt, and dead letters. */
export function emailQueues(retryDelays: readonly Duration[]): readonly string[] {
  return [QUEUE, ...retryDelays.map(retryQueue), DEAD_LETTER_QUEUE];
}

/** How long a message waits in a queue, the inverse of {@linkcode retryQueue}; `undefined` for another queue. */
export function delayOfRetryQueue(queue: string): Duration | undefined {
  return queue.startsWith(RETRY_QUEUE_PREFIX)
    ? parseDuration(queue.slice(RETRY_QUEUE_PREFIX.length))
    : undefined;
}

/**
 * Declares every exchange and queue for emails. Each service repeats it at each connection, which restores what a broker has
 * lost. The message server publishes to no retry queue and gives no delays.
 *
 * @throws {Error} If one of the same name exists with other arguments.
 */
export async function declareTopology(
  channel: Channel,
  retryDelays: readonly Duration[] = [],
): Promise<void> {
  await channel.assertExchange(EXCHANGE, "topic", { durable: true });
  await channel.assertQueue(DEAD_LETTER_QUEUE, {
    durable: true,
    arguments: { "x-queue-type": "quorum", "x-delivery-limit": UNLIMITED_DELIVERIES },
  });
  await channel.assertQueue(QUEUE, {
    durable: true,
    arguments: {
      ...losslessQuorumQueue("", DEAD_LETTER_QUEUE),
      "x-delivery-limit": DELIVERY_LIMIT,
    },
  });
  await channel.bindQueue(QUEUE, EXCHANGE, ROUTING_KEY);
  for (const delay of retryDelays) {
    await channel.assertQueue(retryQueue(delay), {
      durable: true,
      arguments: {
        ...losslessQuorumQueue(EXCHANGE, ROUTING_KEY),
        "x-message-ttl": delay.milliseconds,
      },
    });
  }
}

/**
 * Declares the topology, and again whenever the broker returns a message on this channel: somebody deleted a queue or a binding
 * while the connection was up.
 *
 * @throws {Error} If one of the same name exists with other arguments.
 */
export async function keepTopology(
  channel: ConfirmChannel,
  retryDelays: readonly Duration[] = [],
): Promise<void> {
  const logger = getLogger(["amqp"]);
  let redeclaration: Promise<void> | undefined;
  channel.on("return", () => {
    if (redeclaration !== undefined) return;
    logger.warn("RabbitMQ returned a message: no queue took it; declaring the queues again");
    redeclaration = declareTopology(channel, retryDelays)
      // If this closes the channel, the connection closes as well, and the next one runs `setup` again.
      .catch((error) => logger.debug("{error}", { error }))
      .finally(() => redeclaration = undefined);
  });
  await declareTopology(channel, retryDelays);
}
